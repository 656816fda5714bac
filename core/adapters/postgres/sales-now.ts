import type { Pool } from "pg"
import type { SaleNow } from "../../domain/warm-window.ts"
import { integer } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import salesNowText from "./statements/sales-now.sql"

const readSalesNow = statement(salesNowText, { within_ms: integer })

/** A sale that opens later than this has no shoppers yet. */
const soonMs = 60 * 60_000

interface Row {
  readonly partition: number
  readonly status: SaleNow["status"]
  readonly opens_ms: string | null
  readonly closes_ms: string | null
  readonly at_rest_ms: string | null
  readonly now_ms: string
}

/** Sales that sell now, that open within a time, or that have holds to end. @throws PostgreSQL's errors */
export async function salesNow(pool: Pool, withinMs: number): Promise<readonly SaleNow[]> {
  const { rows } = await pool.query<Row>(readSalesNow({ within_ms: withinMs }))
  return rows.map((row) => ({
    status: row.status,
    opensInMs: fromNow(row, row.opens_ms),
    closesInMs: fromNow(row, row.closes_ms),
    atRestMs: row.at_rest_ms === null ? undefined : Number(row.at_rest_ms),
  }))
}

/** The partitions of the sales that sell now or within an hour. @throws PostgreSQL's errors */
export async function partitionsInUse(pool: Pool): Promise<readonly number[]> {
  const { rows } = await pool.query<Row>(readSalesNow({ within_ms: soonMs }))
  return [...new Set(rows.flatMap(({ partition, status }) => (status === "closed" ? [] : [partition])))]
}

const fromNow = ({ now_ms: nowMs }: Row, atMs: string | null): number | undefined =>
  atMs === null ? undefined : Number(atMs) - Number(nowMs)
