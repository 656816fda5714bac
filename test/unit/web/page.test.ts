import { describe, expect, test } from "vitest"
import type { Availability, Sku } from "../../../core/contracts/http/skus.ts"
import { paces } from "../../../web/src/machine/pace.ts"
import { firstState, step } from "../../../web/src/machine/page.ts"
import type { PageEffect, PageEvent, PageState } from "../../../web/src/machine/page-state.ts"
import type { At } from "../../../web/src/machine/purchase-state.ts"
import { pathOf, routeOf } from "../../../web/src/machine/route.ts"
import { phaseOf } from "../../../web/src/machine/sale.ts"
import { nextAnnouncement } from "../../../web/src/text/announcement.ts"

const opensAtMs = Date.parse("2026-11-27T09:00:00Z")
const sku: Sku = {
  sku_id: "sku-1",
  name: "Console",
  price_minor: 4_900,
  currency: "EUR",
  per_user_limit: 1,
  hold_seconds: 120,
  status: "draft",
  opens_at: new Date(opensAtMs).toISOString(),
  closes_at: null,
}
const stockOf = (changes: Partial<Availability>): Availability => ({
  sku_id: "sku-1",
  available: 5,
  total: 10,
  status: "draft",
  opens_at: sku.opens_at,
  closes_at: null,
  as_of: new Date(opensAtMs - 1_000).toISOString(),
  ...changes,
})

const at = (serverMs: number, changes: Partial<At> = {}): At => ({
  serverMs,
  steadyMs: serverMs - opensAtMs + 1e6,
  random: 0.5,
  isHidden: false,
  ...changes,
})
const config = { stage: "local", apiBaseUrl: "", signIn: { kind: "local" }, payments: { kind: "simulated" } } as const

/** The state after events, and the effects of the last one. */
function afterEvents(events: readonly (readonly [PageEvent, At])[], first = at(opensAtMs - 60_000)) {
  let state: PageState = firstState({ view: "sale", skuId: "sku-1" }, { language: "en", isSoundOn: true }, first)
  let effects: readonly PageEffect[] = []
  for (const [event, when] of events) ({ state, effects } = step(state, event, when))
  return { state, effects }
}

describe("the phase of a sale", () => {
  const spreadMs = 400
  test("arms the button at the opening by the clock, with the page's own part, though the edge's answer is older", () => {
    const phase = (serverMs: number) => phaseOf(sku, stockOf({}), serverMs, spreadMs)
    expect(phase(opensAtMs - 1)).toMatchObject({ kind: "before", leftMs: spreadMs + 1 })
    expect(phase(opensAtMs + spreadMs - 1).kind).toBe("before")
    expect(phase(opensAtMs + spreadMs).kind).toBe("open")
  })

  test("believes an answer from after the opening, and not its own clock", () => {
    const late = stockOf({ as_of: new Date(opensAtMs + 5_000).toISOString() })
    expect(phaseOf(sku, late, opensAtMs + 6_000, spreadMs).kind).toBe("unannounced")
  })

  test("is closed by the clock, halted by the answer, and never an error for a newer status", () => {
    const closed = stockOf({ status: "open", closes_at: new Date(opensAtMs + 60_000).toISOString() })
    expect(phaseOf(sku, closed, opensAtMs + 60_000, 0).kind).toBe("closed")
    expect(phaseOf(sku, stockOf({ status: "halted" }), opensAtMs + 1, 0).kind).toBe("halted")
    expect(phaseOf(sku, stockOf({ status: "tomorrow" as never }), opensAtMs + 1, 0).kind).toBe("other")
    expect(phaseOf(sku, stockOf({ status: "open", available: 0 }), opensAtMs + 1, 0).kind).toBe("sold-out")
  })
})

describe("the page", () => {
  const user = { id: "ana", name: "Ana", endsAtMs: opensAtMs + 300_000 }
  const signedIn: PageEvent = { kind: "session", session: { kind: "signed-in", user }, stored: {} }
  const stockAnswer: PageEvent = {
    kind: "stock-answer",
    skuId: "sku-1",
    answer: { kind: "done", status: 200, body: stockOf({}) },
  }

  test("reads a sale and its stock once, and waits for the answers", () => {
    const first = afterEvents([[{ kind: "configured", config }, at(opensAtMs - 60_000)]])
    expect(first.effects.map(({ kind }) => kind)).toEqual(["read-sku", "read-stock"])
    const second = step(first.state, { kind: "tick" }, at(opensAtMs - 59_000))
    expect(second.effects).toEqual([])
  })

  test("renews the session in the minutes before the opening, not in the rush", () => {
    const events = (serverMs: number) =>
      afterEvents([
        [{ kind: "configured", config }, at(opensAtMs - 600_000)],
        [signedIn, at(opensAtMs - 600_000)],
        [stockAnswer, at(opensAtMs - 600_000)],
        [{ kind: "tick" }, at(serverMs)],
      ]).effects.map(({ kind }) => kind)
    expect(events(opensAtMs - 400_000)).not.toContain("renew-session")
    expect(events(opensAtMs - 100_000)).toContain("renew-session")
  })

  test("keeps what a shopper has when their session ends, and shows none of it to another shopper", () => {
    const wish = { key: "key-00001", skuId: "sku-1", quantity: 1, joinWaitlist: false, askedAtMs: opensAtMs }
    const asked = afterEvents([
      [{ kind: "configured", config }, at(opensAtMs)],
      [signedIn, at(opensAtMs)],
      [{ kind: "purchase", skuId: "sku-1", event: { kind: "reserve", wish } }, at(opensAtMs)],
      [{ kind: "purchase", skuId: "sku-1", event: { kind: "claimed", stored: { wish } } }, at(opensAtMs)],
      [
        { kind: "purchase", skuId: "sku-1", event: { kind: "reserve-answer", key: wish.key, answer: { kind: "signed-out" } } },
        at(opensAtMs),
      ],
      [{ kind: "session", session: { kind: "signed-out", hasEnded: true }, stored: {} }, at(opensAtMs)],
    ])
    expect(asked.state.purchases["sku-1"]?.kind).toBe("asking")
    const again = step(asked.state, { ...signedIn, stored: { "sku-1": { wish } } } as PageEvent, at(opensAtMs + 5_000))
    expect(again.effects).toContainEqual({ kind: "for-sku", skuId: "sku-1", effect: { kind: "reserve", wish } })
    const other = { kind: "session", session: { kind: "signed-in", user: { ...user, id: "ben" } }, stored: {} } as const
    expect(step(asked.state, other, at(opensAtMs + 5_000)).state.purchases).toEqual({})
  })

  test("asks at once when the shopper looks at it again, and rarely while they do not", () => {
    const hidden = at(opensAtMs + 10_000, { isHidden: true })
    const { state } = afterEvents([
      [{ kind: "configured", config }, at(opensAtMs + 9_000)],
      [{ kind: "visibility", isHidden: true }, hidden],
      [
        { kind: "stock-answer", skuId: "sku-1", answer: { kind: "done", status: 200, body: stockOf({ status: "open" }) } },
        hidden,
      ],
    ])
    const call = state.sales["sku-1"]?.stockCall
    expect(call?.kind === "due" ? call.atMs - hidden.steadyMs : 0).toBeGreaterThanOrEqual(paces.hiddenMs)
    const seen = step(state, { kind: "visibility", isHidden: false }, at(opensAtMs + 11_000))
    expect(seen.effects).toContainEqual({ kind: "read-stock", skuId: "sku-1" })
  })
})

test("the list reads the stock of its first twelve sales", () => {
  const items = Array.from({ length: 20 }, (_, index) => ({ ...sku, sku_id: `sku-${index}` }))
  const list = step(
    { ...firstState({ view: "list" }, { language: "en", isSoundOn: true }, at(opensAtMs)), config },
    { kind: "catalogue-answer", cursor: undefined, answer: { kind: "done", status: 200, body: { items, next: null } } },
    at(opensAtMs),
  )
  expect(list.effects.filter(({ kind }) => kind === "read-stock")).toHaveLength(12)
  expect(list.effects.filter(({ kind }) => kind === "read-sku")).toHaveLength(0)
})

test("the first stock of an open sale is read within four seconds of the opening, and a shown sale at once", () => {
  const before = at(opensAtMs - 3_000)
  const answer: PageEvent = { kind: "stock-answer", skuId: "sku-1", answer: { kind: "done", status: 200, body: stockOf({}) } }
  const { state } = afterEvents([
    [{ kind: "configured", config }, at(opensAtMs - 20_000)],
    [answer, before],
  ])
  const call = state.sales["sku-1"]?.stockCall
  const untilMs = call?.kind === "due" ? call.atMs - before.steadyMs : 0
  expect(untilMs).toBeGreaterThan(3_000)
  expect(untilMs).toBeLessThan(7_000)
  const list = step(state, { kind: "routed", route: { view: "list" } }, before)
  const back = step(list.state, { kind: "routed", route: { view: "sale", skuId: "sku-1" } }, before)
  expect(back.effects).toContainEqual({ kind: "read-stock", skuId: "sku-1" })
})

test("an older answer about stock never replaces a newer one", () => {
  const read = (asOfMs: number, available: number): readonly [PageEvent, At] => [
    {
      kind: "stock-answer",
      skuId: "sku-1",
      answer: { kind: "done", status: 200, body: stockOf({ available, as_of: new Date(asOfMs).toISOString() }) },
    },
    at(opensAtMs),
  ]
  expect(afterEvents([read(opensAtMs, 3), read(opensAtMs - 900, 5)]).state.sales["sku-1"]?.stock?.available).toBe(3)
})

test("a route and its path are each other's", () => {
  for (const path of ["/", "/orders", "/sale/sku-001"]) expect(pathOf(routeOf(path))).toBe(path)
  for (const path of ["/sale/", "/sale/a/b", "/sale/%00", "/other", "/sale/../x"]) expect(routeOf(path).view).toBe("missing")
})

test("a screen reader hears a new state at once, and new numbers of the same state every ten seconds", () => {
  const first = nextAnnouncement(undefined, "QUEUED", "5th", 0)
  expect(nextAnnouncement(first, "QUEUED", "4th", 9_000)).toBe(first)
  expect(nextAnnouncement(first, "QUEUED", "4th", 10_000)?.text).toBe("4th")
  expect(nextAnnouncement(first, "RESERVED", "held", 1)?.text).toBe("held")
})
