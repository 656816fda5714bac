import { Client, type ClientConfig, type PoolConfig } from "pg"
import * as z from "zod"
import { type DatabaseRole, databaseRoles, databaseSecretVariable } from "../../contracts/environment.ts"
import { readSecret, secretAt } from "../credentials.ts"

/** As RDS writes it; `sslmode` is only in secrets of servers without TLS. */
const LoginSecret = z.object({
  username: z.string().min(1),
  password: z.string().min(1),
  host: z.string().optional(),
  port: z.coerce.number().int().optional(),
  dbname: z.string().optional(),
  sslmode: z.literal("disable").optional(),
})

/** A login and where it is valid. */
export interface DatabaseLogin {
  readonly user: string
  readonly password: string
  readonly host: string
  readonly port: number
  readonly database: string
  /** True verifies the server's name and certificate; on Lambda NODE_EXTRA_CA_CERTS names the authority of RDS. */
  readonly ssl: boolean
}

/**
 * How the connections of a role log in: with the secret that `DATABASE_<ROLE>_SECRET_ARN` names (on AWS), or all with DATABASE_URL
 * (locally). @throws what readSecret throws
 */
export async function poolLogin(role: DatabaseRole): Promise<PoolConfig> {
  const arn = process.env[databaseSecretVariable(role)]
  if (arn === undefined) return { connectionString: await readSecret("DATABASE_URL") }
  return { Client: rotatingClient(arn, loginOf(await secretAt(arn))) }
}

/** The owner of the schema, of DATABASE_OWNER_SECRET_ARN. @throws what secretAt throws */
export const ownerLogin = (): Promise<DatabaseLogin> => loginNamedBy(databaseSecretVariable("owner"))

/** The login of every role, as the secrets have it now. @throws Error when one is not named by the environment */
export const roleLogins = (): Promise<(DatabaseLogin & { role: DatabaseRole })[]> =>
  Promise.all(databaseRoles.map(async (role) => ({ role, ...(await loginNamedBy(databaseSecretVariable(role))) })))

async function loginNamedBy(variable: string): Promise<DatabaseLogin> {
  return loginOf(await secretAt(given(variable)))
}

/** The login in a secret. @throws Error, without the secret's text, when it is none */
export function loginOf(secret: string): DatabaseLogin {
  const parsed = LoginSecret.safeParse(parseJson(secret))
  // The schema's complaint is not repeated: it could show a password.
  if (!parsed.success) throw new Error("A database secret is not JSON with username and password")
  const { username, password, sslmode, ...place } = parsed.data
  return {
    user: username,
    password,
    host: place.host ?? given("DATABASE_HOST"),
    port: place.port ?? Number(given("DATABASE_PORT")),
    database: place.dbname ?? given("DATABASE_NAME"),
    ssl: sslmode !== "disable",
  }
}

/**
 * A client that logs in with the secret as last read. Two users take turns at a rotation, and the old one stays valid until the next;
 * so each new connection may use what is known, while the secret is read again behind it.
 */
function rotatingClient(arn: string, first: DatabaseLogin) {
  let login = first
  const readAgain = async () => {
    login = loginOf(await secretAt(arn))
  }
  return class extends Client {
    constructor(config?: ClientConfig) {
      super({ ...config, ...login })
      readAgain().catch(() => {})
    }
  }
}

function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
