import { describe, expect, test } from "vitest"
import type { AnySaleEvent } from "../../../core/contracts/events.ts"
import { noticeOf } from "../../../lambdas/notifier/notice-of-event.ts"

const envelope = {
  event_id: "7-3-0",
  reservation_id: "9d0a1c2e-0000-4000-8000-000000000001",
  sku_id: "sku-1",
  seq: 3,
  occurred_at: "2026-11-27T09:00:00.000Z",
}
const user_id = "9d0a1c2e-0000-4000-8000-0000000000aa"
const held = { user_id, quantity: 2, expires_at: "2026-11-27T09:02:00.000Z" }
const order = { user_id, order_id: envelope.reservation_id, quantity: 2, amount_minor: 500, currency: "EUR" }
const refund = { ...order, version: 1 as const, refunded_minor: 500 }
const orderFacts = { orderId: order.order_id, quantity: 2, amountMinor: 500, currency: "EUR" }

/** What each type of event makes the notifier write; undefined: nothing. A type that is missing does not compile. */
const expected: { readonly [Type in AnySaleEvent["event_type"]]: readonly [payload: object, notice: object | undefined] } = {
  "order.paid": [order, { kind: "order-confirmed", ...orderFacts }],
  "order.payment_failed": [order, { kind: "payment-failed", ...orderFacts }],
  "order.refunded": [
    { ...refund, units_returned: true },
    { kind: "order-refunded", ...orderFacts, refundedMinor: 500 },
  ],
  "order.partly_refunded": [refund, { kind: "order-partly-refunded", ...orderFacts, refundedMinor: 500 }],
  "reservation.expired": [held, { kind: "hold-expired", quantity: 2 }],
  "reservation.promoted": [held, { kind: "waitlist-promoted", quantity: 2, expiresAtMs: Date.parse(held.expires_at) }],
  "reservation.lapsed": [held, { kind: "waitlist-lapsed", quantity: 2 }],
  "order.refund_failed": [refund, undefined],
  "reservation.created": [held, undefined],
  "reservation.waitlisted": [held, undefined],
  "reservation.rejected": [{ reasons: { "sold-out": 3 } }, undefined],
  "reservation.confirmed": [order, undefined],
  "reservation.extended": [held, undefined],
  "reservation.cancelled": [held, undefined],
  "stock.restocked": [{ quantity: 1, total: 2 }, undefined],
  "sale.opened": [{}, undefined],
  "sale.closed": [{}, undefined],
  "sale.halted": [{}, undefined],
  "sale.frozen": [{}, undefined],
  "sale.resumed": [{}, undefined],
  "sale.switched": [{ mode: "direct" }, undefined],
}

describe("an event", () => {
  test.each(Object.entries(expected))("%s asks for its notice, or for none", (event_type, [payload, notice]) => {
    const addressed = noticeOf({ ...envelope, event_type, payload } as AnySaleEvent)
    expect(addressed).toEqual(notice && { userId: user_id, notice })
  })
})
