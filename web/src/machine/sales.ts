import type { Availability, Sku } from "../../../core/contracts/http/skus.ts"
import type { Answer } from "./answer.ts"
import { availabilityPaceMs, listedStocks, paces, retryDelayMs, spread } from "./pace.ts"
import type { PageEffect, PageState, Sale } from "./page-state.ts"
import { type At, dueIn, dueNow, isDue, rest, sent } from "./purchase-state.ts"
import { phaseOf } from "./sale.ts"

const newSale = (at: At): Sale => ({
  sku: undefined,
  stock: undefined,
  skuCall: dueNow(at),
  stockCall: dueNow(at),
  failures: 0,
  isMissing: false,
})

export const saleOf = (state: PageState, skuId: string, at: At): Sale => state.sales[skuId] ?? newSale(at)

const withSale = (state: PageState, skuId: string, sale: Sale): PageState => ({
  ...state,
  sales: { ...state.sales, [skuId]: sale },
})

/** The catalogue's entries are the SKUs of the sales: they are not read one by one. */
export function withCatalogueItems(state: PageState, items: readonly Sku[], at: At): PageState {
  const sales = Object.fromEntries(
    items.map((sku) => [sku.sku_id, { ...saleOf(state, sku.sku_id, at), sku, skuCall: rest, isMissing: false }]),
  )
  return { ...state, sales: { ...state.sales, ...sales } }
}

export function onSkuAnswer(state: PageState, skuId: string, answer: Answer<Sku>, at: At): PageState {
  const sale = saleOf(state, skuId, at)
  if (answer.kind === "done") return withSale(state, skuId, { ...sale, sku: answer.body, skuCall: rest, isMissing: false })
  if (answer.kind === "refused" && answer.slug === "sku-not-found") {
    return withSale(state, skuId, { ...sale, skuCall: rest, stockCall: rest, isMissing: true })
  }
  return withSale(state, skuId, { ...sale, skuCall: retried(sale, answer, at), failures: sale.failures + 1 })
}

export function onStockAnswer(state: PageState, skuId: string, answer: Answer<Availability>, at: At): PageState {
  const sale = saleOf(state, skuId, at)
  if (answer.kind !== "done") {
    const isMissing = answer.kind === "refused" && answer.slug === "sku-not-found"
    const stockCall = isMissing ? rest : retried(sale, answer, at)
    return withSale(state, skuId, { ...sale, stockCall, failures: sale.failures + 1, isMissing: sale.isMissing || isMissing })
  }
  const stock = newerOf(sale.stock, answer.body)
  const next = { ...sale, stock, failures: 0 }
  const paceMs = stockPaceMs(withSale(state, skuId, next), skuId, at)
  return withSale(state, skuId, { ...next, stockCall: dueIn(spread(paceMs, at.random), at) })
}

/** Edges answer from their own caches: an older answer never replaces a newer one. */
const newerOf = (known: Availability | undefined, read: Availability): Availability =>
  known !== undefined && Date.parse(known.as_of) > Date.parse(read.as_of) ? known : read

const retried = (sale: Sale, answer: Exclude<Answer<unknown>, { kind: "done" }>, at: At) =>
  dueIn(retryDelayMs(sale.failures + 1, answer.kind === "refused" ? answer.retryAfterSeconds : undefined, at.random), at)

/** Stock that changes nothing for the shopper is read less often: before the opening, after the close, and beside a request. */
function stockPaceMs(state: PageState, skuId: string, at: At): number {
  if (state.route.view !== "sale") return at.isHidden ? paces.hiddenMs * 2 : paces.listedStockMs
  const { sku, stock } = saleOf(state, skuId, at)
  const phase = phaseOf(sku, stock, at.serverMs, state.spreadMs)
  const purchase = state.purchases[skuId]
  const isIdle = purchase === undefined || purchase.kind === "nothing" || purchase.kind === "refused"
  const isOfInterest = phase.kind !== "before" && phase.kind !== "closed"
  const paceMs = availabilityPaceMs(isIdle && isOfInterest, at.isHidden)
  if (phase.kind !== "before" || at.isHidden) return paceMs
  // The first stock of the open sale is read soon after the opening, by each page at a moment of its own.
  return Math.min(paceMs, Math.max(paces.availabilityMs, phase.leftMs + paces.availabilityMs * at.random))
}

/** A sale that the shopper comes to is read now: on the list its stock was read less often. */
export function withSaleShown(state: PageState, skuId: string, at: At): PageState {
  const sale = state.sales[skuId]
  return sale?.stockCall.kind === "due" ? withSale(state, skuId, { ...sale, stockCall: dueNow(at) }) : state
}

/** The reads of sales that are due for what the route shows. */
export function salesStep(state: PageState, at: At): { readonly state: PageState; readonly effects: readonly PageEffect[] } {
  const effects: PageEffect[] = []
  let next = state
  const needsStock = state.route.view !== "orders"
  for (const skuId of shownSkus(state)) {
    let sale = saleOf(next, skuId, at)
    if (isDue(sale.skuCall, at)) {
      effects.push({ kind: "read-sku", skuId })
      sale = { ...sale, skuCall: sent }
    }
    if (needsStock && isDue(sale.stockCall, at)) {
      effects.push({ kind: "read-stock", skuId })
      sale = { ...sale, stockCall: sent }
    }
    if (sale !== next.sales[skuId]) next = withSale(next, skuId, sale)
  }
  return { state: next, effects }
}

function shownSkus({ route, catalogue, orders }: PageState): readonly string[] {
  if (route.view === "sale") return [route.skuId]
  if (route.view === "list") return catalogue.items.slice(0, listedStocks).map(({ sku_id: skuId }) => skuId)
  // An order names its SKU by its id: the name is read for each SKU once.
  return route.view === "orders" ? [...new Set(orders.items.map(({ sku_id: skuId }) => skuId))].slice(0, listedStocks) : []
}
