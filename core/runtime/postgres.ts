import type { Pool, PoolConfig } from "pg"
import { type DatabaseLogin, type DatabaseServer, loginOf, rotatingClient } from "../adapters/postgres/login.ts"
import { createPool, type PoolOptions } from "../adapters/postgres/pool.ts"
import { secretAt } from "../adapters/secrets-manager.ts"
import { type DatabaseRole, databaseRoles, databaseSecretVariable } from "../contracts/environment.ts"
import type { Resources } from "./lifecycle.ts"
import { readSecret } from "./secrets.ts"

/**
 * How the connections of a role log in: with the secret that `DATABASE_<ROLE>_SECRET_ARN` names (on AWS), or all of them with
 * DATABASE_URL (locally). @throws Error as readSecret
 */
export async function poolLogin(role: DatabaseRole): Promise<PoolConfig> {
  const arn = process.env[databaseSecretVariable(role)]
  if (arn === undefined) return { connectionString: await readSecret("DATABASE_URL") }
  return { Client: await rotatingClient(() => readLogin(arn)) }
}

/** The owner of the schema, from DATABASE_OWNER_SECRET_ARN. @throws Error as secretAt */
export const ownerLogin = async (): Promise<DatabaseLogin> => readLogin(variable(databaseSecretVariable("owner")))

/** The login of every role, as the secrets have it now. @throws Error when the environment does not name one of them */
export const roleLogins = (): Promise<(DatabaseLogin & { role: DatabaseRole })[]> =>
  Promise.all(databaseRoles.map(async (role) => ({ role, ...(await readLogin(variable(databaseSecretVariable(role)))) })))

/** The database of secrets that do not name theirs. */
export const databaseServer: DatabaseServer = {
  host: () => variable("DATABASE_HOST"),
  port: () => Number(variable("DATABASE_PORT")),
  database: () => variable("DATABASE_NAME"),
}

/** A bounded pool whose connections act as the role. @throws Error as poolLogin */
export const postgresPool = async (options: PoolOptions): Promise<Pool> => createPool(await poolLogin(options.role), options)

/** The same pool, with the lifecycle of a runtime: it makes its first connection when it is warmed or used. */
export const openPool = async (resources: Resources, options: PoolOptions): Promise<Pool> =>
  resources.own(await postgresPool(options), {
    warm: (pool) => pool.query("SELECT 1"),
    close: (pool) => pool.end(),
  })

const readLogin = async (arn: string): Promise<DatabaseLogin> => loginOf(await secretAt(arn), databaseServer)

function variable(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}
