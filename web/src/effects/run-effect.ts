import type { Keeper } from "../device/keeper.ts"
import type { Purchases } from "../device/purchases.ts"
import { keepSettings } from "../device/settings.ts"
import type { PageEffect, PageEvent, PageState, User } from "../machine/page-state.ts"
import type { PurchaseEvent } from "../machine/purchase-events.ts"
import type { Effect, Wish } from "../machine/purchase-state.ts"
import { pathOf } from "../machine/route.ts"
import { messagesOf } from "../text/messages.ts"
import type { Api } from "./api.ts"
import type { Notices } from "./notices.ts"
import { claimsOf, type SessionKeeper } from "./session-keeper.ts"

export interface RunnerParts {
  readonly api: Api
  readonly keeper: Keeper
  readonly purchases: Purchases
  readonly notices: Notices
  readonly userId: () => string | undefined
  readonly state: () => PageState
  readonly session: () => SessionKeeper | undefined
  readonly dispatch: (event: PageEvent) => void
  readonly signedIn: (user: User) => void
}

/** After a renewal, successful or not, the next one waits at least this long. */
const renewalPauseMs = 20_000

/** Carries out what the machine wants done. A call's answer comes back as an event. */
export function createRunner(parts: RunnerParts): (effect: PageEffect) => void {
  const { api, keeper, dispatch } = parts
  let renewedAtMs = Number.NEGATIVE_INFINITY

  async function renewSession(): Promise<void> {
    if (performance.now() - renewedAtMs < renewalPauseMs) return
    renewedAtMs = performance.now()
    const { session } = parts.state()
    const token = await parts.session()?.token(true)
    if (session.kind !== "signed-in" || token === undefined) return
    parts.signedIn({ ...session.user, endsAtMs: claimsOf(token).endsAtMs })
  }

  return (effect) => {
    switch (effect.kind) {
      case "read-catalogue":
        return void api
          .catalogue(effect.cursor)
          .then((answer) => dispatch({ kind: "catalogue-answer", cursor: effect.cursor, answer }))
      case "read-sku":
        return void api.sku(effect.skuId).then((answer) => dispatch({ kind: "sku-answer", skuId: effect.skuId, answer }))
      case "read-stock":
        return void api.stock(effect.skuId).then((answer) => dispatch({ kind: "stock-answer", skuId: effect.skuId, answer }))
      case "read-orders":
        return void api.orders(effect.cursor).then((answer) => dispatch({ kind: "orders-answer", cursor: effect.cursor, answer }))
      case "renew-session":
        // A renewal that fails is tried again: the token may last a little.
        return void renewSession().catch(() => undefined)
      case "keep-settings":
        return keepSettings(keeper, effect.settings)
      case "for-sku":
        return runForSku(parts, effect.skuId, effect.effect)
    }
  }
}

/** The answer is taken over before another tab may send: it then reads on the device what this one got. */
async function reserveInTurn({ api, purchases }: RunnerParts, user: string, wish: Wish, send: (event: PurchaseEvent) => void) {
  const stored = await purchases.inTurn(user, wish, async () => {
    send({ kind: "reserve-answer", key: wish.key, answer: await api.reserve(wish) })
    return undefined
  })
  if (stored !== undefined) send({ kind: "elsewhere", stored })
}

function runForSku(parts: RunnerParts, skuId: string, effect: Effect): void {
  const { api, purchases, notices, state, userId, dispatch } = parts
  const send = (event: PurchaseEvent) => dispatch({ kind: "purchase", skuId, event })
  const user = userId()
  switch (effect.kind) {
    case "claim":
      if (user !== undefined) void purchases.claim(user, effect.wish).then((stored) => send({ kind: "claimed", stored }))
      return
    case "store":
      if (user !== undefined) purchases.store(user, skuId, effect.record)
      return
    case "reserve":
      if (user !== undefined) void reserveInTurn(parts, user, effect.wish, send)
      return
    case "read":
      void api.read(effect.id, effect.receipt).then((answer) => send({ kind: "read-answer", id: effect.id, answer }))
      return
    case "cancel":
      void api.cancel(effect.id, effect.receipt).then((answer) => send({ kind: "cancel-answer", id: effect.id, answer }))
      return
    case "pay": {
      const stored = user === undefined ? undefined : purchases.read(user, skuId)
      // Another tab has seen the end of this reservation, and has begun anew: nothing is paid for the one before.
      if (stored !== undefined && stored.known?.id !== effect.id) send({ kind: "elsewhere", stored })
      else {
        const { id, receipt, attempt } = effect
        void api.pay(id, receipt, attempt).then((answer) => send({ kind: "pay-answer", key: attempt.key, answer }))
      }
      return
    }
    case "leave": {
      // The provider sends shoppers back to the shop's first page. There, this says which sale they come from.
      parts.keeper.set("left-from", pathOf({ view: "sale", skuId }))
      location.assign(effect.url)
      return
    }
    case "notify": {
      const { settings } = state()
      notices.show(effect.notice, messagesOf(settings.language).titles[effect.notice], settings.isSoundOn)
    }
  }
}
