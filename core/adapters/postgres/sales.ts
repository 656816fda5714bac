import type { Pool } from "pg"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import type { Instant, Reservation } from "../../domain/reservation.ts"
import type { SaleStatus, SkuSale, WriteMode } from "../../domain/sale.ts"
import { publicSaleStatus } from "../../domain/sale-status.ts"
import { int4Array } from "./binary-arrays.ts"
import { boolean, integer } from "./parameter-types.ts"
import { decidedPositionOf, type Row, reservationOf, skuSale } from "./rows.ts"
import { statement } from "./statement.ts"
import readLivePageText from "./statements/read-live-page.sql"
import readRelayLagText from "./statements/read-relay-lag.sql"
import readSalesAtRestText from "./statements/read-sales-at-rest.sql"
import readSalesInMotionText from "./statements/read-sales-in-motion.sql"
import readStockHealthText from "./statements/read-stock-health.sql"
import restSalesText from "./statements/rest-sales.sql"
import sweepPickText from "./statements/sweep-pick.sql"

const readLivePage = statement(readLivePageText, { sku_no: integer, after: integer, entries: integer })
const readRelayLag = statement(readRelayLagText, {})
const readSalesAtRest = statement(readSalesAtRestText, { after_partition: integer, after_sku_no: integer, limit: integer })
const readSalesInMotion = statement(readSalesInMotionText, { still_seconds: integer })
const readStockHealth = statement(readStockHealthText, { grace_seconds: integer, with_sold: boolean })
const putSalesToRest = statement(restSalesText, { sku_nos: int4Array, seqs: int4Array })
const sweepPick = statement(sweepPickText, { limit: integer })

/** A SKU with work that is due by time. */
export interface DueSku {
  readonly skuNo: number
  /** True when its closing time has passed. */
  readonly closes: boolean
  /** Age of its oldest overdue hold in milliseconds. */
  readonly lagMs: number
}

/** Sales of one sweep that close by themselves; the others close with the next sweep. */
export const maxClosingsPerSweep = 500

/** Finds the SKUs with work that is due by time. @throws PostgreSQL's errors */
export async function dueSkus(pool: Pool): Promise<DueSku[]> {
  const { rows } = await pool.query<{ sku_no: number; closes: boolean; lag_ms: number }>(
    sweepPick({ limit: maxClosingsPerSweep }),
  )
  return rows.map(({ sku_no, closes, lag_ms }) => ({ skuNo: sku_no, closes, lagMs: lag_ms }))
}

/** A SKU whose sale is in motion, and its units that should not be as they are. */
export interface StockHealth {
  readonly skuNo: number
  readonly skuId: string
  readonly partition: number
  readonly mode: WriteMode
  /** As shoppers see it at the moment of the reading. */
  readonly status: ReturnType<typeof publicSaleStatus>
  readonly available: number
  /** Units sold or held beyond the stock. */
  readonly oversold: number
  /** Units whose hold ended longer ago than the grace, and which are still held. */
  readonly overheld: number
  /** The difference between the counters of the SKU and its rows. */
  readonly leaked: number
}

interface StockHealthRow {
  sku_no: number
  sku_id: string
  partition: number
  status: SaleStatus
  mode: WriteMode
  opens_at: number | null
  closes_at: number | null
  now: number
  available: number
  oversold: number
  overheld: number
  leaked: number
}

/**
 * Finds units that should not be as they are, in every SKU whose sale is in motion; the sale that moved last is the first.
 *
 * @param withSold compares sold units with their rows, too: this reads every accepted reservation, 0.2 s for 1,000,000 of them
 * @throws PostgreSQL's errors
 */
export async function stockHealth(pool: Pool, graceSeconds: number, withSold = true): Promise<StockHealth[]> {
  const { rows } = await pool.query<StockHealthRow>(readStockHealth({ grace_seconds: graceSeconds, with_sold: withSold }))
  return rows.map(({ sku_no: skuNo, sku_id: skuId, status, mode, opens_at, closes_at, now, ...row }) => ({
    ...{ skuNo, skuId, mode, partition: row.partition, available: row.available },
    status: publicSaleStatus(
      { status, mode, ...(opens_at !== null && { opensAt: opens_at }), ...(closes_at !== null && { closesAt: closes_at }) },
      now,
    ),
    ...{ oversold: row.oversold, overheld: row.overheld, leaked: row.leaked },
  }))
}

/** Age in milliseconds of the oldest ledger entry that is not published yet. @throws PostgreSQL's errors */
export async function relayLagMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ lag_ms: number }>(readRelayLag({}))
  return rows[0]?.lag_ms ?? 0
}

/** A sale as it is at `now`, and the partition of its requests. */
export interface ReadSale {
  readonly sale: SkuSale
  readonly partition: number
  readonly now: Instant
}

/** A sale in motion. */
export interface SaleInMotion extends ReadSale {
  /** Nothing is held, nobody waits, every event is published, and nothing has moved for a while: the sale may come to rest. */
  readonly isStill: boolean
}

const readSale = (row: Row): ReadSale => ({ sale: skuSale(row), partition: Number(row.partition), now: Number(row.now) })

/**
 * Reads the sales in motion: first those with holds or waitlist entries, and of these the last that moved.
 *
 * @param stillSeconds how long nothing has moved in a sale that may come to rest
 * @throws PostgreSQL's errors
 */
export async function salesInMotion(pool: Pool, stillSeconds: number): Promise<SaleInMotion[]> {
  const { rows } = await pool.query<Row>(readSalesInMotion({ still_seconds: stillSeconds }))
  return rows.map((row) => ({ ...readSale(row), isStill: row.is_still === true }))
}

/** The last sale of the page before, in a walk through the sales at rest. */
export interface RestingPosition {
  readonly partition: number
  readonly skuNo: number
}

/** Reads the next `limit` sales at rest that are not closed, after `after`. @throws PostgreSQL's errors */
export async function salesAtRest(pool: Pool, after: RestingPosition, limit: number): Promise<ReadSale[]> {
  const { rows } = await pool.query<Row>(readSalesAtRest({ after_partition: after.partition, after_sku_no: after.skuNo, limit }))
  return rows.map(readSale)
}

/**
 * Puts sales to rest that are still at the ledger sequence at which they were read.
 *
 * @param pool connections of the transition role
 * @returns the numbers of those that rest now @throws PostgreSQL's errors
 */
export async function restSales(pool: Pool, sales: readonly SkuSale[]): Promise<number[]> {
  const [sku_nos, seqs] = [sales.map(({ skuNo }) => skuNo), sales.map(({ seq }) => seq)]
  const { rows } = await pool.query<{ sku_no: number }>(putSalesToRest({ sku_nos, seqs }))
  return rows.map(({ sku_no }) => sku_no)
}

/** Ledger entries of a page; each accepted at most a batch of the writer. */
const livePageEntries = 4

/**
 * Reads every live reservation of a SKU, page by page.
 * @param afterSeq only those that were accepted after this ledger sequence
 * @throws PostgreSQL's errors
 */
export async function* liveReservations(
  pool: Pool,
  skuNo: number,
  afterSeq = 0,
): AsyncGenerator<{ now: Instant; reservations: ({ reservation: Reservation; asOfSeq: number } & Partial<LogPosition>)[] }> {
  for (let after: number | undefined = afterSeq; after !== undefined; ) {
    const { rows }: { rows: Row[] } = await pool.query<Row>(readLivePage({ sku_no: skuNo, after, entries: livePageEntries }))
    const live = rows.filter(({ id }) => id !== null)
    const reservations = live.map((row) => ({
      reservation: reservationOf(row),
      asOfSeq: Number(row.as_of_seq),
      ...decidedPositionOf(row),
    }))
    if (reservations.length > 0) yield { now: Number(rows[0]?.now), reservations }
    const last = rows.at(-1)
    after = last && Number(last.entry_seq)
  }
}
