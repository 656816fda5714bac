import type { Pool, PoolConfig } from "pg"
import { type DatabaseLogin, type DatabaseServer, loginOf, rotatingClient } from "../adapters/postgres/login.ts"
import { createPool, type PoolOptions } from "../adapters/postgres/pool.ts"
import { secretAt } from "../adapters/secrets-manager.ts"
import {
  type DatabaseRole,
  databaseRoles,
  databaseSecretVariable,
  type LocalRole,
  warmUpDatabaseOf,
} from "../contracts/environment.ts"
import { isWarmingUp, variable } from "./environment.ts"
import type { Resources } from "./lifecycle.ts"
import { readSecret } from "./secrets.ts"

/**
 * How the connections of a role log in: with the secret that `DATABASE_<ROLE>_SECRET_ARN` names (on AWS), or all of them with
 * DATABASE_URL (locally). @throws Error as readSecret
 */
export async function poolLogin(role: DatabaseRole | LocalRole): Promise<PoolConfig> {
  const arn = variable(databaseSecretVariable(role))
  if (arn === undefined) return { connectionString: inDatabaseOf(await readSecret("DATABASE_URL")) }
  return { Client: await rotatingClient(() => readLogin(arn)) }
}

/** The owner of the schema, from DATABASE_OWNER_SECRET_ARN. @throws Error as secretAt */
export const ownerLogin = async (): Promise<DatabaseLogin> => readLogin(required(databaseSecretVariable("owner")))

/** The login of every role, as the secrets have it now. @throws Error when the environment does not name one of them */
export const roleLogins = (): Promise<(DatabaseLogin & { role: DatabaseRole })[]> =>
  Promise.all(databaseRoles.map(async (role) => ({ role, ...(await readLogin(required(databaseSecretVariable(role)))) })))

/** The database of secrets that do not name theirs. */
export const databaseServer: DatabaseServer = {
  host: () => required("DATABASE_HOST"),
  port: () => Number(required("DATABASE_PORT")),
  database: () => required("DATABASE_NAME"),
}

/** A bounded pool whose connections act as the role. @throws Error as poolLogin */
export const postgresPool = async (options: PoolOptions): Promise<Pool> => createPool(await poolLogin(options.role), options)

export interface OpenPoolOptions extends PoolOptions {
  /**
   * Warming makes all of its connections, and not only the first: to log in takes both sides 10 ms and more of a
   * processor, and in a rush every connection is needed in the same second.
   */
  readonly servesRush?: boolean
}

/** The same pool, with the lifecycle of a runtime: it makes its connections when it is warmed or used. */
export const openPool = async (resources: Resources, { servesRush = false, ...options }: OpenPoolOptions): Promise<Pool> =>
  resources.own(await postgresPool(options), {
    warm: (pool) => connect(pool, servesRush ? options.size : 1),
    close: (pool) => pool.end(),
  })

/** Makes connections of a pool at the same time, and gives them back. @throws PostgreSQL's errors */
async function connect(pool: Pool, connections: number): Promise<void> {
  const made = await Promise.allSettled(Array.from({ length: connections }, () => pool.connect()))
  for (const each of made) if (each.status === "fulfilled") each.value.release()
  const failed = made.find((each) => each.status === "rejected")
  if (failed) throw failed.reason
}

async function readLogin(arn: string): Promise<DatabaseLogin> {
  const login = loginOf(await secretAt(arn), databaseServer)
  return { ...login, database: databaseInUse(login.database) }
}

/** While a process warms up, its connections lead to the warm-up database. */
const databaseInUse = (database: string): string => (isWarmingUp() ? warmUpDatabaseOf(database) : database)

function inDatabaseOf(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.pathname = `/${databaseInUse(url.pathname.slice(1))}`
  return url.href
}

/** The first role for which this function has a login. */
export const someRole = (): DatabaseRole =>
  databaseRoles.find((role) => variable(databaseSecretVariable(role)) !== undefined) ?? "reader"

function required(name: string): string {
  const value = variable(name)
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}
