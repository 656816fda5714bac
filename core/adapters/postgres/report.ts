import type { Pool, PoolClient } from "pg"
import type { Instant, RefusalReason } from "../../domain/reservation.ts"
import type { SaleStatus, WriteMode } from "../../domain/sale.ts"
import { int4Array } from "./binary-arrays.ts"
import { checkTimeoutMs } from "./invariants.ts"
import { bigint, integer, text, textArray } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import reportFlaggedText from "./statements/report-flagged.sql"
import reportLedgerText from "./statements/report-ledger.sql"
import reportLedgerBeforeText from "./statements/report-ledger-before.sql"
import reportMoneyText from "./statements/report-money.sql"
import reportSalesText from "./statements/report-sales.sql"

// Reads of a report. They may read a whole ledger; they run for operators, after a sale, and change nothing.
const reportSales = statement(reportSalesText, { sku_ids: textArray, since: bigint, until: bigint, limit: integer })
const reportMoney = statement(reportMoneyText, { sku_nos: int4Array })
const reportLedger = statement(reportLedgerText, { sku_no: integer, since: bigint, seconds: integer, intervals: integer })
const reportLedgerBefore = statement(reportLedgerBeforeText, { sku_id: text, since: bigint })
const reportFlagged = statement(reportFlaggedText, { sku_ids: textArray, owners: int4Array })

/** A sale with its counters and moments. */
export type SaleReportRow = {
  readonly sku_no: number
  readonly sku_id: string
  readonly name: string
  readonly price_minor: number
  readonly currency: string
  readonly status: SaleStatus
  readonly mode: WriteMode
  readonly opens_at: Instant | null
  readonly closes_at: Instant | null
  readonly total_stock: number
  readonly reserved_count: number
  readonly sold_count: number
  readonly waitlisted: number
  readonly decided_reserved: number
  readonly decided_waitlisted: number
  readonly accounts: number
  readonly seq: number
  readonly head_hash: string
  readonly opened_at: Instant | null
  readonly closed_at: Instant | null
  readonly sold_out_at: Instant | null
  readonly last_entry_at: Instant
  readonly now: Instant
  /** All sales that the question found, also those beyond the limit. */
  readonly found: number
} & Readonly<Record<RefusalReason, number>>

/** Orders of a status, refunds of a state and an origin, or attempts to pay of a status. */
export type MoneyRow = {
  readonly kind: "order" | "refund" | "attempt"
  readonly sku_no: number
  readonly name: string
  readonly detail: string | null
  readonly currency: string
  readonly number: number
  readonly amount_minor: number
  readonly refunded_minor: number
}

/** The units of a sale after a ledger entry. */
export type BalancesRow = { readonly total: number; readonly reserved: number; readonly sold: number }

/** Ledger entries of one kind in one interval. */
export type LedgerIntervalRow = BalancesRow & {
  readonly interval: number
  readonly kind: string
  readonly entries: number
  readonly amount: number
  readonly oversold: number
  /** In the order of `refusalReasons`. */
  readonly refused: readonly number[]
}

interface Window {
  readonly since: Instant
  /** Not included. */
  readonly until: Instant
}

/** Sales with their money, as of one snapshot. @throws PostgreSQL's errors */
export const readReportedSales = (
  pool: Pool,
  { skuIds, since, until, limit }: Window & { readonly skuIds: readonly string[]; readonly limit: number },
): Promise<{ sales: SaleReportRow[]; money: MoneyRow[] }> =>
  inSnapshot(pool, async (client) => {
    const { rows: sales } = await client.query<SaleReportRow>(reportSales({ sku_ids: skuIds, since, until, limit }))
    const { rows: money } = await client.query<MoneyRow>(reportMoney({ sku_nos: sales.map(({ sku_no }) => sku_no) }))
    return { sales, money }
  })

/** The ledger of a sale by interval and kind, and its balances before. Undefined: no such SKU. @throws PostgreSQL's errors */
export const readLedgerIntervals = (
  pool: Pool,
  asked: { readonly skuId: string; readonly since: Instant; readonly seconds: number; readonly intervals: number },
): Promise<{ before: BalancesRow; intervals: LedgerIntervalRow[] } | undefined> =>
  inSnapshot(pool, async (client) => {
    const { skuId: sku_id, since, seconds, intervals } = asked
    const { rows: found } = await client.query<BalancesRow & { sku_no: number }>(reportLedgerBefore({ sku_id, since }))
    const [first] = found
    if (first === undefined) return undefined
    const { sku_no, ...before } = first
    const { rows } = await client.query<LedgerIntervalRow>(reportLedger({ sku_no, since, seconds, intervals }))
    return { before, intervals: rows }
  })

/** What became of accounts at sales. @param owners 32 bits of each user's id @throws PostgreSQL's errors */
export const readFlagged = (
  pool: Pool,
  { skuIds, owners }: { readonly skuIds: readonly string[]; readonly owners: readonly number[] },
): Promise<{ accepted: number; paid: number; units_paid: number }> =>
  inSnapshot(pool, async (client) => {
    const { rows } = await client.query<{ accepted: number; paid: number; units_paid: number }>(
      reportFlagged({ sku_ids: skuIds, owners }),
    )
    return rows[0] ?? { accepted: 0, paid: 0, units_paid: 0 }
  })

/** Runs reads that may take long in one snapshot. */
async function inSnapshot<T>(pool: Pool, read: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = true
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await client.query(`SET LOCAL statement_timeout = ${checkTimeoutMs}`)
    const result = await read(client)
    await client.query("COMMIT")
    broken = false
    return result
  } finally {
    client.release(broken)
  }
}
