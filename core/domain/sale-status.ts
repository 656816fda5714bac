import type { Instant } from "./reservation.ts"
import { type SaleStatus, saleStatusAt, type WriteMode } from "./sale.ts"

/** What a shopper sees of a sale at `now`: a halt shows as a status of its own, and times count whether or not somebody acted on them. */
export function shownStatus(
  sale: { readonly status: SaleStatus; readonly mode: WriteMode; readonly opensAt?: Instant; readonly closesAt?: Instant },
  now: Instant,
): SaleStatus | "halted" {
  return sale.mode === "halted" ? "halted" : saleStatusAt(sale, now)
}
