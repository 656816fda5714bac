import type { LogPosition } from "../../domain/queue-estimate.ts"
import { outcomeOf, type Reservation, stateOf } from "../../domain/reservation.ts"
import type { SaleStatus, SkuSale, WriteMode } from "../../domain/sale.ts"

/** A row as the driver returns it: by column name; bigint columns are strings. */
export type Row = Readonly<Record<string, string | number | boolean | Buffer | null>>

/** A row of `inventory`. */
export const skuSale = (row: Row): SkuSale => ({
  skuNo: Number(row.sku_no),
  perUserLimit: Number(row.per_user_limit),
  holdSeconds: Number(row.hold_seconds),
  waitlistLimit: Number(row.waitlist_limit),
  maxUnpaidHolds: Number(row.max_unpaid_holds),
  status: row.status as SaleStatus,
  mode: row.mode as WriteMode,
  resumeMode: row.resume_mode as "batch" | "direct",
  frozen: row.frozen === true,
  epoch: Number(row.epoch),
  ...(row.opens_at != null && { opensAt: Number(row.opens_at) }),
  ...(row.closes_at != null && { closesAt: Number(row.closes_at) }),
  balances: {
    total: Number(row.total_stock),
    reserved: Number(row.reserved_count),
    sold: Number(row.sold_count),
    waitlisted: Number(row.waitlisted),
  },
  seq: Number(row.seq),
})

/** A row of `reservations`, with `expires_at` in microseconds. */
export const reservationOf = (row: Row): Reservation => ({
  id: String(row.id),
  skuNo: Number(row.sku_no),
  seq: Number(row.seq),
  ord: Number(row.ord),
  outcome: outcomeOf(Number(row.outcome)),
  state: stateOf(Number(row.state)),
  quantity: Number(row.quantity),
  ...(row.user_id != null && { userId: String(row.user_id) }),
  owner: Number(row.owner),
  bodyHash: Number(row.body_hash),
  ...(row.expires_at != null && { expiresAt: Number(row.expires_at) }),
})

/** The log position at which the reservation of a row was decided; a direct decision has none. */
export const decidedPositionOf = (row: Row): Partial<LogPosition> =>
  row.offset == null ? {} : { partition: Number(row.partition), offset: Number(row.offset) }
