import type { PageState } from "./page-state.ts"

/** A token is renewed this long before it ends. */
const marginMs = 2 * 60_000
/** Before an opening, a token must last for this long beyond it: the rush is no time to renew. */
const beyondOpeningMs = 10 * 60_000
/** Pages begin to renew for an opening at a moment of their own within this time before it. */
const renewalWindowMs = 5 * 60_000

/**
 * True when the session's token is renewed now: shortly before it ends, or before the opening of a sale whose rush it would not
 * outlast. `spreadMs`, the page's own random part, spreads the renewals of all pages over the minutes before the opening.
 */
export function isRenewalDue({ session, sales, route, spreadMs, serverMs }: PageState, longestSpreadMs: number): boolean {
  if (session.kind !== "signed-in") return false
  const { endsAtMs } = session.user
  if (endsAtMs - serverMs <= marginMs) return true
  if (route.view !== "sale") return false
  const sale = sales[route.skuId]
  const opensAt = sale?.stock?.opens_at ?? sale?.sku?.opens_at
  if (opensAt == null) return false
  const untilOpeningMs = Date.parse(opensAt) - serverMs
  const ownStartMs = renewalWindowMs * (1 - spreadMs / longestSpreadMs / 2)
  return untilOpeningMs > 0 && untilOpeningMs <= ownStartMs && endsAtMs < Date.parse(opensAt) + beyondOpeningMs
}
