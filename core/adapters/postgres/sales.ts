import type { Pool } from "pg"
import type { Place } from "../../domain/queue-estimate.ts"
import type { Instant, Reservation } from "../../domain/reservation.ts"
import type { SkuSale } from "../../domain/sale.ts"
import { decidedPlaceOf, type Row, reservationOf, skuSale } from "./sale-load.ts"
import readLivePage from "./statements/read-live-page.sql"
import readRelayLag from "./statements/read-relay-lag.sql"
import readSales from "./statements/read-sales.sql"
import readStockHealth from "./statements/read-stock-health.sql"
import sweepPick from "./statements/sweep-pick.sql"

/** A SKU for which time has made something due. */
export interface DueSku {
  readonly skuNo: number
  /** True when its closing time has passed. */
  readonly closes: boolean
  /** Age of its oldest overdue hold in milliseconds. */
  readonly lagMs: number
}

/** Finds what time has made due. @throws PostgreSQL's errors */
export async function dueSkus(pool: Pool): Promise<DueSku[]> {
  const { rows } = await pool.query<{ sku_no: number; closes: boolean; lag_ms: number }>(sweepPick)
  return rows.map(({ sku_no, closes, lag_ms }) => ({ skuNo: sku_no, closes, lagMs: lag_ms }))
}

/** Units of a SKU that should not be. */
export interface StockHealth {
  readonly skuNo: number
  readonly halted: boolean
  /** Units sold or held beyond the stock. */
  readonly oversold: number
  /** Units held though their time is over by the grace. */
  readonly overheld: number
}

/** Looks for units that should not be, in every SKU. @throws PostgreSQL's errors */
export async function stockHealth(pool: Pool, graceSeconds: number): Promise<StockHealth[]> {
  const { rows } = await pool.query<{ sku_no: number; mode: string; oversold: number; overheld: number }>(readStockHealth, [
    graceSeconds,
  ])
  return rows.map(({ sku_no, mode, oversold, overheld }) => ({ skuNo: sku_no, halted: mode === "halted", oversold, overheld }))
}

/** Age in milliseconds of the oldest ledger entry that is not published yet. @throws PostgreSQL's errors */
export async function relayLagMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ lag_ms: number }>(readRelayLag)
  return rows[0]?.lag_ms ?? 0
}

/** A sale, where its requests stand in line, and how far that line has come. */
export interface SaleInLine {
  readonly sale: SkuSale
  readonly partition: number
  /** Undefined when the partition has no watermark. */
  readonly nextOffset?: number
  readonly now: Instant
}

/** Reads every sale. @throws PostgreSQL's errors */
export async function readSalesInLine(pool: Pool, topic: string): Promise<SaleInLine[]> {
  const { rows } = await pool.query<Row>(readSales, [topic])
  return rows.map((row) => ({
    sale: skuSale(row),
    partition: Number(row.partition),
    now: Number(row.now),
    ...(row.next_offset !== null && { nextOffset: Number(row.next_offset) }),
  }))
}

/** Ledger entries of a page; each accepted at most a batch of the writer. */
const livePageEntries = 4

/**
 * Walks through every reservation of a SKU that still counts, page by page.
 * @param afterSeq only those that were accepted after this ledger sequence
 * @throws PostgreSQL's errors
 */
export async function* liveReservations(
  pool: Pool,
  skuNo: number,
  afterSeq = 0,
): AsyncGenerator<{ now: Instant; reservations: ({ reservation: Reservation; asOfSeq: number } & Partial<Place>)[] }> {
  for (let after: number | undefined = afterSeq; after !== undefined; ) {
    const { rows }: { rows: Row[] } = await pool.query<Row>(readLivePage, [skuNo, after, livePageEntries])
    const live = rows.filter(({ id }) => id !== null)
    const reservations = live.map((row) => ({
      reservation: reservationOf(row),
      asOfSeq: Number(row.as_of_seq),
      ...decidedPlaceOf(row),
    }))
    if (reservations.length > 0) yield { now: Number(rows[0]?.now), reservations }
    const last = rows.at(-1)
    after = last && Number(last.entry_seq)
  }
}
