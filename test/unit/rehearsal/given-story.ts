import type { Order } from "../../../core/contracts/http/checkout.ts"
import { priceMinor } from "../../../loadtest/rehearsal/manager.ts"
import type { ShopperPlan } from "../../../loadtest/rehearsal/plan.ts"
import { type Heard, newStory, type Story } from "../../../loadtest/rehearsal/story.ts"

export const aPlan = (more: Partial<ShopperPlan> = {}): ShopperPlan => ({
  number: 0,
  arrivesAtMs: 0,
  reloadsAfterMs: [],
  reservesAfterMs: 0,
  joinsWaitlist: false,
  ending: "pay",
  thinksMs: 100,
  ...more,
})

/** The id of a shopper's reservation: a UUID that ends in their number. */
export const idOf = (number: number): string => `00000000-0000-5000-8000-${String(number).padStart(12, "0")}`

/** An answer that a shopper received; its request was sent at the same time, `atMs`. */
export function told(status: Heard["status"], atMs: number, more: Partial<Heard> = {}): Heard {
  return { status, decided: status !== "QUEUED", sentAtMs: atMs, atMs, ...more }
}

/** A shopper with a log position who asked once, at 0 ms, and got these answers. */
export function aShopper(number: number, offset: number | undefined, heard: readonly Heard[], more: Partial<Story> = {}): Story {
  const place = offset === undefined ? {} : { place: { partition: 0, offset } }
  return {
    ...newStory(aPlan({ number }), "token"),
    heard: heard.map((one) => ({ reservationId: idOf(number), ...place, ...one })),
    timesAsked: 1,
    firstAskedAtMs: 0,
    ...more,
  }
}

export const winner = (number: number, offset: number, atMs = 10, more: Partial<Story> = {}): Story =>
  aShopper(number, offset, [told("RESERVED", atMs)], more)

export const refused = (number: number, offset: number, atMs = 10): Story =>
  aShopper(number, offset, [told("REFUSED", atMs, { reason: "sold-out" })])

export const orderOfShopper = (number: number, more: Partial<Order> = {}): Order => ({
  order_id: idOf(900_000 + number),
  reservation_id: idOf(number),
  sku_id: "sku",
  quantity: 1,
  amount_minor: priceMinor,
  currency: "EUR",
  status: "PAID",
  created_at: "2026-11-27T09:00:00.000Z",
  ...more,
})

/** A winner who paid, and got the confirmation. */
export function payer(number: number, offset: number, atMs = 10): Story {
  const order = orderOfShopper(number)
  return winner(number, offset, atMs, { order, orders: [order], checkoutSentAtMs: atMs })
}
