import type { z } from "zod"
import type { AdminSkuListRow, AdminSkuRow } from "../../adapters/postgres/admin-skus.ts"
import type { AdminSku, AdminSkuEntry, SkuStats } from "../../contracts/http/admin.ts"
import { timestampOrNull } from "../../contracts/http/primitives.ts"
import type { SaleStatus as PublicStatus } from "../../contracts/http/skus.ts"
import { kafkaOffsetOf, recordsBetween } from "../../domain/log-generations.ts"
import { refusalReasons } from "../../domain/reservation.ts"
import { publicSaleStatus } from "../../domain/sale-status.ts"

/** The document of a SKU for its administrator. */
export const adminSku = (row: AdminSkuListRow): AdminSku => ({
  sku_id: row.sku_id,
  name: row.name,
  price_minor: row.price_minor,
  currency: row.currency,
  total_stock: row.total_stock,
  per_user_limit: row.per_user_limit,
  hold_seconds: row.hold_seconds,
  waitlist_limit: row.waitlist_limit,
  max_unpaid_holds: row.max_unpaid_holds,
  status: statusOf(row),
  mode: row.mode,
  frozen: row.frozen,
  opens_at: timestampOrNull(row.opens_at),
  closes_at: timestampOrNull(row.closes_at),
})

/** A SKU in the list of its administrator. */
export const adminSkuEntry = (row: AdminSkuListRow): AdminSkuEntry => ({
  ...adminSku(row),
  available: row.total_stock - row.reserved_count - row.sold_count,
  reserved: row.reserved_count,
  sold: row.sold_count,
  waitlisted: row.waitlisted,
  ledger_seq: row.seq,
})

/**
 * The counters of a sale.
 *
 * @param endOffset one more than the last acknowledged record of the SKU's partition
 */
export const skuStats = (row: AdminSkuRow, endOffset: number): SkuStats => ({
  sku_id: row.sku_id,
  status: statusOf(row),
  mode: row.mode,
  total: row.total_stock,
  available: row.total_stock - row.reserved_count - row.sold_count,
  reserved: row.reserved_count,
  sold: row.sold_count,
  waitlisted: row.waitlisted,
  decisions: {
    reserved: row.decided_reserved,
    waitlisted: row.decided_waitlisted,
    refused: Object.fromEntries(refusalReasons.map((reason) => [reason, row[reason]])),
  },
  ...backlogs(row, endOffset),
  watermark: kafkaOffsetOf(row.next_offset ?? 0),
  ledger_seq: row.seq,
})

/**
 * Only a record itself says to which SKU it belongs, and reading the records costs too much for a counter. Two cases need no
 * records: in an empty queue no record waits, and in a partition with one SKU every record belongs to that SKU.
 */
function backlogs(row: AdminSkuRow, endOffset: number): Pick<SkuStats, "backlog" | "partition_backlog"> {
  const ofPartition = recordsBetween(row.next_offset ?? 0, endOffset)
  return { backlog: ofPartition === 0 || !row.shares_partition ? ofPartition : null, partition_backlog: ofPartition }
}

function statusOf(row: AdminSkuListRow): z.infer<typeof PublicStatus> {
  const { status, mode, opens_at: opensAt, closes_at: closesAt } = row
  return publicSaleStatus({ status, mode, ...(opensAt !== null && { opensAt }), ...(closesAt !== null && { closesAt }) }, row.now)
}
