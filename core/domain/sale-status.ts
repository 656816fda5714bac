import type { Instant } from "./reservation.ts"
import { type SaleStatus, saleStatusAt, type WriteMode } from "./sale.ts"

/**
 * The status of a sale that people read at `now`. A halt is a status of its own. Opening and closing times count also before a
 * transaction has acted on them.
 */
export function publicSaleStatus(
  sale: { readonly status: SaleStatus; readonly mode: WriteMode; readonly opensAt?: Instant; readonly closesAt?: Instant },
  now: Instant,
): SaleStatus | "halted" {
  return sale.mode === "halted" ? "halted" : saleStatusAt(sale, now)
}
