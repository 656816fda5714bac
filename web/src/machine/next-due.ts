import type { PageState } from "./page-state.ts"
import type { Call, Purchase } from "./purchase-state.ts"

/** The moment of the steady clock at which the next call is due that the page makes by itself; infinity: none. */
export function nextDueMs({ route, session, purchases, sales, catalogue, orders }: PageState): number {
  const isSignedIn = session.kind === "signed-in"
  const shown = route.view === "list" ? Object.values(sales) : route.view === "sale" ? [sales[route.skuId]] : []
  const calls: readonly Call[] = [
    ...(route.view === "list" ? [catalogue.call] : []),
    ...(route.view === "orders" && isSignedIn ? [orders.call] : []),
    ...shown.flatMap((sale) => (sale === undefined ? [] : [sale.skuCall, sale.stockCall])),
    ...(isSignedIn ? Object.values(purchases).flatMap(callsOf) : []),
  ]
  return Math.min(...calls.map((call) => (call.kind === "due" ? call.atMs : Number.POSITIVE_INFINITY)))
}

function callsOf(purchase: Purchase): readonly Call[] {
  if (purchase.kind === "asking") return [purchase.call]
  if (purchase.kind !== "following") return []
  return purchase.payment.kind === "none" ? [purchase.call] : [purchase.call, purchase.payment.call]
}
