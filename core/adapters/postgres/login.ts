import { Client, type ClientConfig, type PoolConfig } from "pg"
import * as z from "zod"
import { type DatabaseRole, databaseRoles, databaseSecretVariable } from "../../contracts/environment.ts"
import { readSecret, secretAt } from "../credentials.ts"

/** A secret as RDS writes it; only secrets of servers without TLS have `sslmode`. */
const LoginSecret = z.object({
  username: z.string().min(1),
  password: z.string().min(1),
  host: z.string().optional(),
  port: z.coerce.number().int().optional(),
  dbname: z.string().optional(),
  sslmode: z.literal("disable").optional(),
})

/** A login, and the server and database that it is for. */
export interface DatabaseLogin {
  readonly user: string
  readonly password: string
  readonly host: string
  readonly port: number
  readonly database: string
  /** True verifies the name and the certificate of the server; on Lambda NODE_EXTRA_CA_CERTS names the authority of RDS. */
  readonly ssl: boolean
}

/**
 * The login of a role's connections: on AWS the secret that `DATABASE_<ROLE>_SECRET_ARN` names, locally DATABASE_URL for all
 * roles.
 * @throws the errors of readSecret
 */
export async function poolLogin(role: DatabaseRole): Promise<PoolConfig> {
  const arn = process.env[databaseSecretVariable(role)]
  if (arn === undefined) return { connectionString: await readSecret("DATABASE_URL") }
  return { Client: rotatingClient(arn, loginOf(await secretAt(arn))) }
}

/** The login of the schema's owner, of DATABASE_OWNER_SECRET_ARN. @throws the errors of secretAt */
export const ownerLogin = (): Promise<DatabaseLogin> => loginNamedBy(databaseSecretVariable("owner"))

/** The present login of every role. @throws Error when the environment does not name the secret of one */
export const roleLogins = (): Promise<(DatabaseLogin & { role: DatabaseRole })[]> =>
  Promise.all(databaseRoles.map(async (role) => ({ role, ...(await loginNamedBy(databaseSecretVariable(role))) })))

async function loginNamedBy(variable: string): Promise<DatabaseLogin> {
  return loginOf(await secretAt(given(variable)))
}

/** The login in a secret. @throws Error, without the text of the secret, when the secret holds no login */
export function loginOf(secret: string): DatabaseLogin {
  const parsed = LoginSecret.safeParse(parseJson(secret))
  // The error of the schema is left out: it could show a password.
  if (!parsed.success) throw new Error("A database secret is not JSON with username and password")
  const { username, password, sslmode, ...endpoint } = parsed.data
  return {
    user: username,
    password,
    host: endpoint.host ?? given("DATABASE_HOST"),
    port: endpoint.port ?? Number(given("DATABASE_PORT")),
    database: endpoint.dbname ?? given("DATABASE_NAME"),
    ssl: sslmode !== "disable",
  }
}

/**
 * A client that logs in with the secret as it was last read. At a rotation the two users of a secret alternate, and the old user
 * stays valid until the next rotation: each new connection may use the known login, and reads the secret again for the ones after
 * it.
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
