import { unmeasured } from "./clock.ts"
import { emptyList, withPage } from "./lists.ts"
import { paces } from "./pace.ts"
import type { PageEffect, PageEvent, PageState, PageStep, Session, Settings } from "./page-state.ts"
import { transition } from "./purchase.ts"
import type { PurchaseEvent } from "./purchase-events.ts"
import { type At, dueNow, isDue, nothing, type Purchase, type StoredPurchase, sent } from "./purchase-state.ts"
import { isRenewalDue } from "./renewal.ts"
import type { Route } from "./route.ts"
import { onSkuAnswer, onStockAnswer, salesStep, withCatalogueItems, withSaleShown } from "./sales.ts"
import { restore } from "./stored-purchase.ts"

/** The page before its first event. */
export const firstState = (route: Route, settings: Settings, at: At): PageState => ({
  config: undefined,
  route,
  session: { kind: "checking" },
  clock: unmeasured,
  catalogue: { ...emptyList, call: dueNow(at) },
  sales: {},
  purchases: {},
  orders: { ...emptyList, call: dueNow(at) },
  isOnline: true,
  isHidden: at.isHidden,
  isOutdated: false,
  settings,
  spreadMs: Math.round(at.random * paces.openingSpreadMs),
  serverMs: at.serverMs,
  steadyMs: at.steadyMs,
})

/** The behaviour of the whole page: pure, as the behaviour of each purchase is (`transition`). */
export function step(before: PageState, event: PageEvent, at: At): PageStep {
  const state = { ...before, serverMs: at.serverMs, steadyMs: at.steadyMs }
  switch (event.kind) {
    case "configured":
      return asked({ ...state, config: event.config }, at)
    case "routed":
      return asked(routed(state, event.route, at), at)
    case "session":
      return onSession(state, event.session, event.stored, at)
    case "clock":
      return still({ ...state, clock: event.clock })
    case "catalogue-answer": {
      const catalogue = withPage(state.catalogue, ({ sku_id: skuId }) => skuId, event, paces.catalogueMs, at)
      return asked(withCatalogueItems({ ...state, catalogue }, catalogue.items, at), at)
    }
    case "sku-answer":
      return asked(onSkuAnswer(state, event.skuId, event.answer, at), at)
    case "stock-answer":
      return asked(onStockAnswer(state, event.skuId, event.answer, at), at)
    case "orders-answer": {
      const orders = withPage(state.orders, ({ order_id: orderId }) => orderId, event, undefined, at)
      return asked({ ...state, orders }, at)
    }
    case "more":
      return more(state, event.list)
    case "purchase":
      return forSku(state, event.skuId, event.event, at)
    case "visibility":
      return event.isHidden ? still({ ...state, isHidden: true }) : awake({ ...state, isHidden: false }, at)
    case "network":
      return event.isOnline ? awake({ ...state, isOnline: true }, at) : still({ ...state, isOnline: false })
    case "outdated":
      return still({ ...state, isOutdated: true })
    case "settings":
      return { state: { ...state, settings: event.settings }, effects: [{ kind: "keep-settings", settings: event.settings }] }
    case "tick":
      return ticked(state, { kind: "tick" }, at)
    case "wake":
      return awake(state, at)
  }
}

const still = (state: PageState): PageStep => ({ state, effects: [] })

/** The list and the orders are read when the shopper comes to them. */
function routed(state: PageState, route: Route, at: At): PageState {
  const shown = { ...state, route }
  if (route.view === "orders") return { ...shown, orders: { ...state.orders, call: dueNow(at) } }
  return route.view === "sale" ? withSaleShown(shown, route.skuId, at) : shown
}

/** A shopper who has just signed in reads the present state of what they have. */
function onSession(state: PageState, session: Session, stored: Readonly<Record<string, StoredPurchase>>, at: At): PageStep {
  const next = withSession(state, session, stored, at)
  const isNew = session.kind === "signed-in" && userIdOf(state.session) !== session.user.id
  return isNew ? awake(next, at) : asked(next, at)
}

/** A session brings back what its shopper had on this device. The purchases of another shopper are not shown. */
function withSession(state: PageState, session: Session, stored: Readonly<Record<string, StoredPurchase>>, at: At): PageState {
  const before = userIdOf(state.session)
  if (session.kind !== "signed-in") {
    const hasEnded = session.kind === "signed-out" && session.hasEnded
    return { ...state, session, ...(!hasEnded && { purchases: {}, orders: { ...emptyList, call: dueNow(at) } }) }
  }
  if (before === session.user.id) return { ...state, session }
  const kept = state.session.kind === "signed-out" && state.session.hasEnded ? state.purchases : {}
  const restored = Object.fromEntries(Object.entries(stored).map(([skuId, one]) => [skuId, restore(one, at)]))
  const isSame = Object.keys(kept).every((skuId) => keyOf(kept[skuId]) === stored[skuId]?.wish.key)
  return {
    ...state,
    session,
    purchases: isSame ? { ...restored, ...kept } : restored,
    orders: { ...emptyList, call: dueNow(at) },
  }
}

const userIdOf = (session: Session): string | undefined => (session.kind === "signed-in" ? session.user.id : undefined)
const keyOf = (purchase: Purchase | undefined): string | undefined =>
  purchase === undefined || purchase.kind === "nothing" ? undefined : purchase.wish.key

function more(state: PageState, list: "catalogue" | "orders"): PageStep {
  const { next, call } = state[list]
  if (next === null || call.kind === "sent") return still(state)
  const effect: PageEffect = { kind: list === "orders" ? "read-orders" : "read-catalogue", cursor: next }
  return { state: { ...state, [list]: { ...state[list], call: sent } }, effects: [effect] }
}

function forSku(state: PageState, skuId: string, event: PurchaseEvent, at: At): PageStep {
  const { purchase, effects } = transition(state.purchases[skuId] ?? nothing, event, at)
  return {
    state: { ...state, purchases: { ...state.purchases, [skuId]: purchase } },
    effects: effects.map((effect) => ({ kind: "for-sku", skuId, effect })),
  }
}

/** A shopper who looks at the page again sees the present state. */
function awake(state: PageState, at: At): PageStep {
  const sales = Object.fromEntries(
    Object.entries(state.sales).map(([skuId, sale]) => [
      skuId,
      sale.stockCall.kind === "due" ? { ...sale, stockCall: dueNow(at) } : sale,
    ]),
  )
  return ticked({ ...state, sales }, { kind: "wake" }, at)
}

function ticked(state: PageState, event: PurchaseEvent, at: At): PageStep {
  const effects: PageEffect[] = []
  let next = state
  // Without a session no call of a purchase can be answered: they wait for it.
  if (state.session.kind === "signed-in") {
    for (const skuId of Object.keys(state.purchases)) {
      const done = forSku(next, skuId, event, at)
      next = done.state
      effects.push(...done.effects)
    }
  }
  const rest = asked(next, at)
  return { state: rest.state, effects: [...effects, ...rest.effects] }
}

/** What is due beside the purchases: lists, sales, the session. */
function asked(state: PageState, at: At): PageStep {
  if (state.config === undefined) return still(state)
  const effects: PageEffect[] = []
  let { catalogue, orders } = state
  if (state.route.view === "list" && isDue(catalogue.call, at)) {
    effects.push({ kind: "read-catalogue", cursor: undefined })
    catalogue = { ...catalogue, call: sent }
  }
  if (state.route.view === "orders" && state.session.kind === "signed-in" && isDue(orders.call, at)) {
    effects.push({ kind: "read-orders", cursor: undefined })
    orders = { ...orders, call: sent }
  }
  const sales = salesStep({ ...state, catalogue, orders }, at)
  if (isRenewalDue(sales.state, paces.openingSpreadMs)) effects.push({ kind: "renew-session" })
  return { state: sales.state, effects: [...effects, ...sales.effects] }
}
