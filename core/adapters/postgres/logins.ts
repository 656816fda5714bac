import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto"
import { type ClientBase, escapeIdentifier, escapeLiteral } from "pg"
import { type DatabaseRole, databaseRoles } from "../../contracts/environment.ts"
import { sessionSettings } from "./pool.ts"

/** The default of PostgreSQL. */
const scramIterations = 4_096

export interface RoleLogin {
  readonly role: DatabaseRole
  readonly user: string
  readonly password: string
}

/**
 * Creates or changes a login to match its secret: a member of one of our roles only, that inherits nothing, and has the limits of
 * the role even for a client that does not set them. One transaction: a login never exists with half of its rights.
 */
export async function ensureLogin(owner: ClientBase, { role, user, password }: RoleLogin): Promise<void> {
  const login = escapeIdentifier(user)
  const others = databaseRoles.filter((other) => other !== role).map((other) => `flash_${other}`)
  const { rowCount } = await owner.query("SELECT FROM pg_roles WHERE rolname = $1", [user])
  const statements = [
    ...(rowCount === 0 ? [`CREATE ROLE ${login} NOINHERIT`] : []),
    `ALTER ROLE ${login} LOGIN NOINHERIT PASSWORD ${escapeLiteral(scramVerifier(password))}`,
    `GRANT flash_${role} TO ${login}`,
    ...(rowCount === 0 ? [] : [`REVOKE ${others.join(", ")} FROM ${login}`]),
    ...sessionSettings(role).map((setting) => {
      const [name = "", value = ""] = setting.split("=")
      return `ALTER ROLE ${login} SET ${name} = ${escapeLiteral(value)}`
    }),
  ]
  await owner.query("BEGIN")
  try {
    for (const statement of statements) await owner.query(statement)
    await owner.query("COMMIT")
  } catch (error) {
    await owner.query("ROLLBACK")
    throw error
  }
}

/**
 * The form in which PostgreSQL stores a password (RFC 5803). It is computed here, so that no log of the server can show the
 * password.
 */
function scramVerifier(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, scramIterations, 32, "sha256")
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest()
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64")
  return `SCRAM-SHA-256$${scramIterations}:${salt.toString("base64")}$${storedKey}:${hmac("Server Key").toString("base64")}`
}
