import type { LedgerEntry, LedgerKind } from "./ledger.ts"
import type { Instant } from "./reservation.ts"
import type { Balances, SkuSale } from "./sale.ts"
import type { SaleChange } from "./sku-changes.ts"

/**
 * The sale after a ledger entry. The decider uses it for the entries that it makes, and a replay of the ledger for those that it
 * reads. Pure: `at` is the moment of the entry.
 */
export function evolve(sale: SkuSale, entry: LedgerEntry, at: Instant): SkuSale {
  const balances = moved(sale.balances, entry)
  const change = saleChangeOf(entry.kind, sale, at)
  if (change === undefined) return { ...sale, balances, seq: entry.seq }
  const { mode } = change
  return {
    ...sale,
    ...change,
    // A change of mode makes decisions of an older epoch void. A halt remembers the mode to resume.
    ...(mode !== undefined && { epoch: sale.epoch + 1 }),
    ...(mode === "halted" && sale.mode !== "halted" && { resumeMode: sale.mode }),
    balances,
    seq: entry.seq,
  }
}

/** How an entry of this kind changes the sale itself; undefined for a kind that only moves units or reservations. */
export function saleChangeOf(kind: LedgerKind, sale: SkuSale, at: Instant): SaleChange | undefined {
  switch (kind) {
    case "opened":
      return { status: "open", opensAt: Math.min(sale.opensAt ?? at, at) }
    case "closed":
      return { status: "closed" }
    case "halted":
      return { mode: "halted" }
    case "frozen":
      return { mode: "halted", frozen: true }
    case "resumed":
      return { mode: sale.resumeMode, frozen: false }
    case "switched_to_batch":
      return { mode: "batch", frozen: false }
    case "switched_to_direct":
      return { mode: "direct", frozen: false }
    case "decided":
    case "expired":
    case "promoted":
    case "extended":
    case "cancelled":
    case "lapsed":
    case "confirmed":
    case "restocked":
    case "paid":
    case "payment_failed":
    case "refunded":
    case "refunded_kept":
    case "partly_refunded":
    case "refund_failed":
      return undefined
  }
}

const moved = (balances: Balances, entry: LedgerEntry): Balances => ({
  total: balances.total + entry.totalDelta,
  reserved: balances.reserved + entry.reservedDelta,
  sold: balances.sold + entry.soldDelta,
  waitlisted: balances.waitlisted + entry.waitlistedDelta,
})
