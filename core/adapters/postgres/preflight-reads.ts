import { createHash } from "node:crypto"
import type { Pool } from "pg"
import { definitions } from "./definitions.ts"
import { migrations } from "./migrations.ts"
import { integer } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import clockText from "./statements/preflight-clock.sql"
import nextSalesText from "./statements/preflight-next-sales.sql"
import quarantineText from "./statements/preflight-quarantine.sql"
import schemaText from "./statements/preflight-schema.sql"

const readClock = statement(clockText, {})
const readNextSales = statement(nextSalesText, { limit: integer })
const readQuarantine = statement(quarantineText, {})
const readSchema = statement(schemaText, {})

/**
 * What the database lacks of this version: migrations, and the roles and functions whose text is another one.
 * @throws PostgreSQL's errors, as every function here
 */
export async function schemaFaults(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string; sha256: string | null }>(readSchema({}))
  const applied = new Map(rows.map(({ name, sha256 }) => [name, sha256]))
  const missing = Object.keys(migrations)
    .map((file) => file.replace(/\.sql$/, ""))
    .filter((name) => !applied.has(name))
  const others = Object.entries(definitions).filter(
    ([name, text]) => applied.get(name) !== createHash("sha256").update(text).digest("hex"),
  )
  return [
    ...missing.map((name) => `the migration ${name} is not applied`),
    ...others.map(([name]) => `the definition ${name} is not the one of this version`),
  ]
}

/** The records in quarantine that no operator has retried or dropped, and where the first of them is. */
export async function quarantineSize(pool: Pool): Promise<{ records: number; first: string | null }> {
  const { rows } = await pool.query<{ records: number; first: string | null }>(readQuarantine({}))
  return rows[0] ?? { records: 0, first: null }
}

/** PostgreSQL's clock, in milliseconds since 1970. */
export async function databaseTimeMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ now_ms: number }>(readClock({}))
  return rows[0]?.now_ms ?? Number.NaN
}

/** The SKUs whose sales open next, the soonest first. */
export async function nextSales(pool: Pool, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ sku_id: string }>(readNextSales({ limit }))
  return rows.map(({ sku_id }) => sku_id)
}
