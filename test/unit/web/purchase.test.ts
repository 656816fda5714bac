import { describe, expect, test } from "vitest"
import type { Answer } from "../../../web/src/machine/answer.ts"
import { mayDismiss, mayReserve, transition } from "../../../web/src/machine/purchase.ts"
import type { PurchaseEvent, ReservationBody } from "../../../web/src/machine/purchase-events.ts"
import { type At, type Effect, nothing, type Purchase } from "../../../web/src/machine/purchase-state.ts"
import { restore, storedOf } from "../../../web/src/machine/stored-purchase.ts"

const startMs = Date.parse("2026-11-27T09:00:00Z")
const wish = { key: "key-00001", skuId: "sku-1", quantity: 1, joinWaitlist: false, askedAtMs: startMs }
const at = (afterMs = 0): At => ({ serverMs: startMs + afterMs, steadyMs: 50_000 + afterMs, random: 0, isHidden: false })

const body = (status: string, changes: Partial<ReservationBody> = {}): ReservationBody => ({
  reservation_id: "r-1",
  quantity: 1,
  status,
  ...changes,
})
const held = (leftSeconds: number, afterMs = 0) =>
  body("RESERVED", {
    expires_at: new Date(startMs + afterMs + leftSeconds * 1_000).toISOString(),
    expires_in_seconds: leftSeconds,
  })
const done = <Body>(answer: Body, retryAfterSeconds?: number): Answer<Body> => ({
  kind: "done",
  status: 200,
  body: answer,
  retryAfterSeconds,
})
const refused = (slug: string, status: number, more: object = {}): Answer<never> => ({
  kind: "refused",
  slug,
  status,
  body: {},
  ...more,
})
const lost = { kind: "lost" } as const

const reserve: PurchaseEvent = { kind: "reserve", wish }
const claimed: PurchaseEvent = { kind: "claimed", stored: { wish } }
const reserved = (answer: Answer<ReservationBody>): PurchaseEvent => ({ kind: "reserve-answer", key: wish.key, answer })
const read = (answer: Answer<ReservationBody>): PurchaseEvent => ({ kind: "read-answer", id: "r-1", answer })
const tick: PurchaseEvent = { kind: "tick" }
const pay = (key: string): PurchaseEvent => ({ kind: "pay", key, method: "pm_card_visa" })

/** The purchase after events, each with its milliseconds after the start, and the effects of the last one. */
function given(...events: readonly (readonly [PurchaseEvent, number?])[]): { purchase: Purchase; effects: readonly Effect[] } {
  let purchase: Purchase = nothing
  let effects: readonly Effect[] = []
  for (const [event, afterMs] of events) ({ purchase, effects } = transition(purchase, event, at(afterMs)))
  return { purchase, effects }
}
const kinds = (effects: readonly Effect[]) => effects.map(({ kind }) => kind)

describe("a request", () => {
  test("is sent once for two clicks, and again with its key when the answer is lost", () => {
    expect(kinds(given([reserve], [reserve]).effects)).toEqual([])
    expect(given([reserve], [claimed], [reserved(lost)], [tick, 1_000]).effects).toEqual([{ kind: "reserve", wish }])
    expect(kinds(given([reserve], [claimed], [reserved(lost)], [tick, 999]).effects)).toEqual([])
  })

  test("waits as long as the API says, and loses nothing by a halt", () => {
    const halted = [
      [reserve],
      [claimed],
      [reserved(refused("sale-halted", 503, { decided: false, retryAfterSeconds: 5 }))],
    ] as const
    expect(kinds(given(...halted, [tick, 4_999]).effects)).toEqual([])
    const { purchase, effects } = given(...halted, [tick, 5_000])
    expect(kinds(effects)).toEqual(["reserve"])
    expect(mayDismiss(purchase)).toBe(false)
  })

  test("stops while the shopper is signed out, and goes on when they are back", () => {
    const stopped = [[reserve], [claimed], [reserved({ kind: "signed-out" })]] as const
    expect(kinds(given(...stopped, [tick, 60_000]).effects)).toEqual([])
    expect(kinds(given(...stopped, [{ kind: "wake" }, 60_000]).effects)).toEqual(["reserve"])
  })

  test("of long ago is sent again only when the shopper says so", () => {
    const old = restore({ wish }, at(11 * 60_000))
    expect(kinds(transition(old, tick, at(12 * 60_000)).effects)).toEqual([])
    expect(mayReserve(old)).toBe(false)
    expect(kinds(transition(old, { kind: "ask-again" }, at(12 * 60_000)).effects)).toEqual(["reserve"])
    expect(kinds(transition(restore({ wish }, at(60_000)), tick, at(60_000)).effects)).toEqual(["reserve"])
  })

  test("that got a unit after all is shown, though another tab read a refusal", () => {
    const { purchase } = given(
      [reserve],
      [claimed],
      [{ kind: "elsewhere", stored: { wish, refused: "sold-out" } }],
      [reserved(done(held(120)))],
    )
    expect(purchase).toMatchObject({ kind: "following", known: { status: "RESERVED" } })
  })

  test("is sent again with its key when the API does not find its reservation, and never counts as nothing", () => {
    const asked = given([reserve], [claimed], [reserved(done(held(120)))], [read(refused("reservation-not-found", 404)), 20_000])
    expect(asked.purchase).toMatchObject({ kind: "asking", isInDoubt: true, wish })
    expect(mayReserve(asked.purchase)).toBe(false)
  })
})

describe("a hold", () => {
  const holding = [[reserve], [claimed], [reserved(done(held(120)))]] as const

  test("has less time with each tick, also when the clock is set back, and more only when the API says so", () => {
    const left = (...events: readonly (readonly [PurchaseEvent, number?])[]) => {
      const { purchase } = given(...holding, ...events)
      return purchase.kind === "following" ? purchase.leftMs : undefined
    }
    expect(left([tick, 30_000])).toBe(90_000)
    expect(left([tick, 30_000], [tick, 10_000])).toBe(90_000)
    expect(left([tick, 30_000], [read(done(held(150, 30_000))), 30_000])).toBe(150_000)
  })

  test("is read when its time is over, and not only at its pace", () => {
    expect(kinds(given(...holding, [tick, 119_000], [read(done(held(1, 119_000))), 119_000], [tick, 120_001]).effects)).toEqual([
      "read",
    ])
  })

  test("that ends while a payment is open ends the payment with a sentence of its own, and nothing more is sent", () => {
    const { purchase, effects } = given(...holding, [pay("pay-00001"), 119_000], [read(done(body("EXPIRED"))), 121_000])
    expect(purchase).toMatchObject({ known: { status: "EXPIRED" }, payment: { kind: "none", note: "ended" } })
    expect(kinds(effects)).toEqual(["store", "notify"])
    expect(kinds(transition(purchase, tick, at(200_000)).effects)).toEqual([])
  })

  test("is never shown as open by an answer that was made before its end", () => {
    const ended = given(...holding, [read(done(body("CANCELLED"))), 10_000], [read(done(held(110))), 10_100])
    expect(ended.purchase).toMatchObject({ known: { status: "CANCELLED" } })
  })

  test("of a newer kind is followed on", () => {
    const { purchase } = given([reserve], [claimed], [reserved(done(body("PARKED")))])
    expect(mayReserve(purchase)).toBe(false)
    expect(kinds(transition(purchase, tick, at(5_001)).effects)).toEqual(["read"])
  })
})

describe("a payment", () => {
  const paying = [[reserve], [claimed], [reserved(done(held(120)))], [pay("pay-00001")]] as const
  const answered = (answer: Answer<object>): PurchaseEvent => ({ kind: "pay-answer", key: "pay-00001", answer })

  test("of which nobody knows is asked for with its own key, and no other one begins", () => {
    const unknown = given(...paying, [answered(refused("outcome-unknown", 503, { retryAfterSeconds: 1 }))])
    expect(kinds(transition(unknown.purchase, pay("pay-00002"), at(500)).effects)).toEqual([])
    expect(transition(unknown.purchase, tick, at(1_000)).effects).toMatchObject([{ kind: "pay", attempt: { key: "pay-00001" } }])
  })

  test("that was declined lets the next one begin, with a new key", () => {
    const declined = given(...paying, [answered(refused("payment-declined", 402, { decided: true }))])
    expect(declined.purchase).toMatchObject({ payment: { kind: "none", note: "declined" } })
    expect(transition(declined.purchase, pay("pay-00002"), at(500)).effects).toMatchObject([
      { kind: "store" },
      { attempt: { key: "pay-00002" } },
    ])
  })

  test("goes to the bank once, and asks after a reload without leaving again", () => {
    const action = answered(done({ action_url: "https://bank.example/" }, 2))
    const away = given(...paying, [action])
    expect(kinds(away.effects)).toEqual(["store", "leave"])
    const back = transition(restore(storedOf(away.purchase), at(20_000)), tick, at(20_000))
    expect(kinds(back.effects)).toEqual(["read", "pay"])
    expect(kinds(transition(back.purchase, action, at(20_100)).effects)).toEqual([])
    expect(kinds(transition(back.purchase, answered(done({ order_id: "o-1" })), at(20_100)).effects)).toEqual(["store", "notify"])
    const failed = transition(back.purchase, answered(refused("payment-declined", 402)), at(20_100))
    expect(failed.purchase).toMatchObject({ payment: { note: "not-confirmed" } })
  })
})

test("a promotion and an end call the shopper back", () => {
  const waiting = [[reserve], [claimed], [reserved(done(body("WAITLISTED", { position: 16 }), 5))]] as const
  expect(given(...waiting, [read(done(held(120, 9_000))), 9_000]).effects).toContainEqual({ kind: "notify", notice: "promoted" })
  const ended = given(...waiting, [read(done(held(120, 9_000))), 9_000], [read(done(body("EXPIRED"))), 130_000])
  expect(ended.effects).toContainEqual({ kind: "notify", notice: "ended" })
})
