import { randomUUID } from "node:crypto"
import { inject } from "vitest"
import { functionLogin, postgresUrl } from "../../local/services/data-services.ts"
import { runStatements } from "../../local/services/database.ts"
import { ownerLogin } from "../../local/services/postgres.ts"
import { templateDatabase } from "./setup.ts"

export interface TestDatabase {
  /** DATABASE_URL of the functions: a login without rights until it takes a role. */
  readonly url: string
  readonly superuserUrl: string
  /** Drops it, and ends its connections. */
  drop(): Promise<void>
}

/**
 * A new database with the newest schema and no rows. Without fsync a copy of the template's files takes a third of the time of a
 * copy through the write-ahead log: 85 ms and not 239 on PostgreSQL 18, on a busy machine.
 */
export async function freshDatabase(): Promise<TestDatabase> {
  const { postgresPort, ownerPassword, functionPassword } = inject("services")
  const name = `test_${randomUUID().replaceAll("-", "")}`
  const maintenanceUrl = postgresUrl(ownerLogin, ownerPassword, postgresPort, "postgres")
  await runStatements(maintenanceUrl, `CREATE DATABASE ${name} TEMPLATE ${templateDatabase} STRATEGY FILE_COPY`)
  return {
    url: postgresUrl(functionLogin, functionPassword, postgresPort, name),
    superuserUrl: postgresUrl(ownerLogin, ownerPassword, postgresPort, name),
    drop: () => runStatements(maintenanceUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  }
}
