import type { Pool } from "pg"
import { type ConstraintsReport, type DatabaseReport, SessionsAndStatements } from "../../contracts/operations/database.ts"
import type { SetAsideList } from "../../contracts/operations/payments.ts"
import { integer } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import readDatabaseSizeText from "./statements/read-database-size.sql"
import readLargestTablesText from "./statements/read-largest-tables.sql"
import readSetAsideText from "./statements/read-set-aside.sql"
import retrySetAsideText from "./statements/retry-set-aside.sql"

const readDatabaseSize = statement(readDatabaseSizeText, {})
const readLargestTables = statement(readLargestTablesText, {})
const readSetAside = statement(readSetAsideText, { limit: integer })
const retrySetAside = statement(retrySetAsideText, {})

/** What PostgreSQL does now. @param pool acts as flash_admin @throws PostgreSQL's errors */
export async function readDatabase(pool: Pool): Promise<DatabaseReport> {
  const activity = await pool.query<{ activity: unknown }>("SELECT database_activity() AS activity")
  const size = await pool.query<Pick<DatabaseReport, "max_connections" | "database_bytes">>(readDatabaseSize({}))
  type Table = Omit<DatabaseReport["tables"][number], "vacuumed_at"> & { readonly vacuumed_at: Date | null }
  const tables = await pool.query<Table>(readLargestTables({}))
  return {
    ...SessionsAndStatements.parse(activity.rows[0]?.activity),
    ...(size.rows[0] ?? { max_connections: 0, database_bytes: 0 }),
    tables: tables.rows.map((table) => ({ ...table, vacuumed_at: table.vacuumed_at?.toISOString() ?? null })),
  }
}

/**
 * Ends the statement of a session, or the session.
 * @param pool acts as flash_admin @returns false when this database has no such session that may be ended
 */
export async function endSession(pool: Pool, pid: number, wholeSession: boolean): Promise<boolean> {
  const { rows } = await pool.query<{ ended: boolean }>("SELECT end_session($1, $2) AS ended", [pid, wholeSession])
  return rows[0]?.ended ?? false
}

/** The CHECK constraints in which the database and this version differ. @throws PostgreSQL's errors */
export async function differingChecks(pool: Pool): Promise<ConstraintsReport["differing"]> {
  type Row = ConstraintsReport["differing"][number]
  const { rows } = await pool.query<Row>(
    `SELECT table_name AS "table", check_name AS name, state, definition FROM differing_checks()`,
  )
  return rows
}

/**
 * Adds the CHECK constraints that are missing. @param pool acts as flash_admin
 * @returns their names @throws PostgreSQL's errors: 23514 while a row breaks one of them
 */
export async function restoreChecks(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ added: string[] }>("SELECT restore_checks() AS added")
  return rows[0]?.added ?? []
}

/** Payments and refunds whose last try failed. @throws PostgreSQL's errors */
export async function setAsideList(pool: Pool, limit: number): Promise<SetAsideList> {
  type Row = Omit<SetAsideList["items"][number], "since" | "next_at"> & { since: Date; next_at: Date; in_all: number }
  const { rows } = await pool.query<Row>(readSetAside({ limit }))
  return {
    items: rows.map(({ in_all: _, since, next_at: next, ...item }) => ({
      ...item,
      since: since.toISOString(),
      next_at: next.toISOString(),
    })),
    in_all: rows[0]?.in_all ?? 0,
  }
}

/** Lets them all be tried at once. @param pool acts as flash_admin @returns how many @throws PostgreSQL's errors */
export async function retrySetAsideNow(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ due_now: number }>(retrySetAside({}))
  return rows[0]?.due_now ?? 0
}
