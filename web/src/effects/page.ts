import type { StageConfig } from "../config/stage-config.ts"
import { type Keeper, namePrefix } from "../device/keeper.ts"
import { openPurchases } from "../device/purchases.ts"
import { readSettings } from "../device/settings.ts"
import { nextDueMs } from "../machine/next-due.ts"
import { firstState, step } from "../machine/page.ts"
import type { PageEvent, PageState, User } from "../machine/page-state.ts"
import type { PurchaseEvent } from "../machine/purchase-events.ts"
import { pathOf, type Route, routeOf } from "../machine/route.ts"
import { createApi } from "./api.ts"
import { openChallenge } from "./challenge.ts"
import { createNotices } from "./notices.ts"
import { createPageClock } from "./page-clock.ts"
import { createRunner } from "./run-effect.ts"
import type { SessionKeeper } from "./session-keeper.ts"

/** The running page: its state, and what a shopper can do. Effects happen here and below, and nowhere in the views. */
export interface Page {
  readonly state: () => PageState
  readonly subscribe: (listener: () => void) => () => void
  readonly dispatch: (event: PageEvent) => void
  readonly forSku: (skuId: string, event: PurchaseEvent) => void
  readonly reserve: (skuId: string, quantity: number, joinWaitlist: boolean) => void
  readonly pay: (skuId: string, method: string) => void
  readonly go: (route: Route) => void
  readonly useSession: (session: SessionKeeper) => void
  readonly signedIn: (user: User) => void
  readonly signOut: (isEverywhere: boolean) => Promise<void>
  readonly isLasting: boolean
}

const shortestTickMs = 50
const tickMs = 1_000

/** The address. A shopper who comes back from the provider's page goes on where they left; nothing stays in the address. */
function firstRoute(keeper: Keeper): Route {
  const left = keeper.get("left-from")
  const isBack = location.pathname === "/" && left !== undefined
  if (isBack) keeper.set("left-from", undefined)
  const route = routeOf(isBack ? left : location.pathname)
  if (isBack || location.search !== "") history.replaceState(null, "", isBack ? left : location.pathname)
  return route
}

/** Starts the page with the stage's configuration. */
export function startPage(config: StageConfig, keeper: Keeper): Page {
  const clock = createPageClock()
  const purchases = openPurchases(keeper, "locks" in navigator ? navigator.locks : undefined)
  const notices = createNotices()
  const listeners = new Set<() => void>()
  let session: SessionKeeper | undefined
  let state = firstState(firstRoute(keeper), readSettings(keeper, navigator.languages), clock.at())

  const userId = (): string | undefined => (state.session.kind === "signed-in" ? state.session.user.id : undefined)

  const api = createApi({
    baseUrl: config.apiBaseUrl,
    session: () => session,
    challenge: openChallenge(config.challengeScriptUrl),
    onReading: (reading) => dispatch({ kind: "clock", clock: clock.observe(reading) }),
    onSignedOut: () => dispatch({ kind: "session", session: { kind: "signed-out", hasEnded: true }, stored: {} }),
  })
  const run = createRunner({
    api,
    keeper,
    purchases,
    notices,
    userId,
    state: () => state,
    session: () => session,
    dispatch,
    signedIn,
  })

  function dispatch(event: PageEvent): void {
    const next = step(state, event, clock.at())
    state = next.state
    for (const effect of next.effects) run(effect)
    for (const listener of listeners) listener()
  }

  function signedIn(user: User): void {
    keeper.set("signed-in", user.id)
    const stored = purchases.all(user.id, clock.at().serverMs)
    dispatch({ kind: "session", session: { kind: "signed-in", user }, stored })
  }

  const forSku = (skuId: string, event: PurchaseEvent) => dispatch({ kind: "purchase", skuId, event })

  function go(route: Route): void {
    if (pathOf(route) !== location.pathname) history.pushState(null, "", pathOf(route))
    dispatch({ kind: "routed", route })
  }

  const page: Page = {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dispatch,
    forSku,
    reserve: (skuId, quantity, joinWaitlist) => {
      notices.arm()
      const wish = { key: crypto.randomUUID(), skuId, quantity, joinWaitlist, askedAtMs: Math.round(clock.at().serverMs) }
      forSku(skuId, { kind: "reserve", wish })
    },
    pay: (skuId, method) => forSku(skuId, { kind: "pay", key: crypto.randomUUID(), method }),
    go,
    useSession(opened) {
      session = opened
      restoreSession(opened).catch(() => undefined)
    },
    signedIn,
    async signOut(isEverywhere) {
      const before = userId()
      dispatch({ kind: "session", session: { kind: "signed-out", hasEnded: false }, stored: {} })
      if (before !== undefined) purchases.forgetEnded(before)
      keeper.set("signed-in", undefined)
      await session?.signOut(isEverywhere)
    },
    isLasting: keeper.isLasting,
  }

  /** An identity provider that does not answer is asked again: the shopper may be signed in. */
  async function restoreSession(opened: SessionKeeper, failures = 0): Promise<void> {
    try {
      const user = await opened.restore()
      if (user !== undefined) signedIn(user)
      else dispatch({ kind: "session", session: { kind: "signed-out", hasEnded: false }, stored: {} })
    } catch {
      const pauseMs = Math.min(15_000, tickMs * 2 ** failures) * (1 + Math.random() / 4)
      window.setTimeout(() => restoreSession(opened, failures + 1), pauseMs)
    }
  }

  function tick(): void {
    dispatch({ kind: clock.hasJumped() ? "wake" : "tick" })
    const { steadyMs, serverMs } = clock.at()
    const untilSecondMs = tickMs - (serverMs % tickMs) + 5
    window.setTimeout(tick, Math.max(shortestTickMs, Math.min(untilSecondMs, nextDueMs(state) - steadyMs)))
  }

  function listen(): void {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) notices.seen()
      dispatch({ kind: "visibility", isHidden: document.hidden })
    })
    // Browsers allow sounds only after the shopper has used the page.
    for (const use of ["pointerdown", "keydown"]) document.addEventListener(use, notices.arm, { once: true })
    // A page that the browser kept whole comes back by the back button.
    window.addEventListener("pageshow", (event) => event.persisted && dispatch({ kind: "wake" }))
    window.addEventListener("online", () => dispatch({ kind: "network", isOnline: true }))
    window.addEventListener("offline", () => dispatch({ kind: "network", isOnline: false }))
    window.addEventListener("popstate", () => dispatch({ kind: "routed", route: routeOf(location.pathname) }))
    window.addEventListener("vite:preloadError", () => dispatch({ kind: "outdated" }))
    window.addEventListener(
      "storage",
      ({ key, newValue }) => key?.startsWith(namePrefix) && onOtherTab(key.slice(namePrefix.length), newValue),
    )
  }

  function onOtherTab(name: string, text: string | null): void {
    const user = userId()
    const change = user === undefined ? undefined : purchases.changeOf(user, name)
    if (change !== undefined) forSku(change.skuId, { kind: "elsewhere", stored: change.stored })
    else if (name === "signed-in") followOtherTab(text ?? undefined)
  }

  /** Another tab signed in or out: a shopper who signed out in one tab is signed out in all. */
  function followOtherTab(signedInId: string | undefined): void {
    const user = userId()
    if (session === undefined || signedInId === user) return
    if (signedInId === undefined) page.signOut(false).catch(() => undefined)
    else restoreSession(session).catch(() => undefined)
  }

  listen()
  if (!navigator.onLine) dispatch({ kind: "network", isOnline: false })
  dispatch({ kind: "configured", config })
  tick()
  return page
}
