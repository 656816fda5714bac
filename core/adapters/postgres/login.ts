import { Client, type ClientConfig } from "pg"
import * as z from "zod"
import { jsonOf } from "../../contracts/json.ts"

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

/** The address of the database, for secrets without it. Each function throws an Error when the environment has none either. */
export interface DatabaseServer {
  readonly host: () => string
  readonly port: () => number
  readonly database: () => string
}

/** The login in a secret. @throws Error, without the secret's text, when it is none */
export function loginOf(secret: string, server: DatabaseServer): DatabaseLogin {
  const parsed = LoginSecret.safeParse(jsonOf(secret))
  // The error of the schema is left out: it could show a password.
  if (!parsed.success) throw new Error("A database secret is not JSON with username and password")
  const { username, password, sslmode, ...endpoint } = parsed.data
  return {
    user: username,
    password,
    host: endpoint.host ?? server.host(),
    port: endpoint.port ?? server.port(),
    database: endpoint.dbname ?? server.database(),
    ssl: sslmode !== "disable",
  }
}

/**
 * A client that logs in with the login that was read last. Rotations alternate between two users, and the old one stays valid
 * until the next rotation. So each new connection may use the known login, while the login is read again in the background.
 */
export async function rotatingClient(read: () => Promise<DatabaseLogin>) {
  let login = await read()
  const readAgain = async () => {
    login = await read()
  }
  return class extends Client {
    constructor(config?: ClientConfig) {
      super({ ...config, ...login })
      readAgain().catch(() => {})
    }
  }
}
