import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { type Entry, ledgerEvents, type Moved } from "../../../core/adapters/postgres/ledger-events.ts"
import { decodeEvent, encodeEvent } from "../../../core/contracts/events.ts"

const moved: Moved = {
  ...{ id: randomUUID(), user_id: randomUUID(), order_id: randomUUID() },
  ...{ quantity: 2, expires_at: new Date(0), amount_minor: 1_000, currency: "EUR" },
}
const entryOf = (kind: string, amount: number): Entry => ({
  ...{ seq: 7, kind, at: new Date("2026-11-27T09:00:00.000Z"), refused: [], moved: [moved.id], amount },
  ...{ total_after: 10, sku_id: "sku-1", partition: 0, hold_seconds: 120 },
})
const order = { user_id: moved.user_id, order_id: moved.order_id, quantity: 2, amount_minor: 1_000, currency: "EUR" }

test.each([
  ["refunded", "order.refunded", { units_returned: true }],
  ["refunded_kept", "order.refunded", { units_returned: false }],
  ["partly_refunded", "order.partly_refunded", {}],
  ["refund_failed", "order.refund_failed", {}],
])("a ledger entry %s is the event %s, with the money of the refund and the version of its schema", (kind, type, more) => {
  const [event] = ledgerEvents(1, [entryOf(kind, 400)], [], [moved])
  if (event === undefined) throw new Error("There is no event")
  const decoded = decodeEvent(encodeEvent(event))
  if ("poison" in decoded) throw new Error(decoded.poison)
  expect(decoded.event).toMatchObject({ event_type: type, reservation_id: moved.id, event_id: "1-7-0" })
  expect(decoded.event.payload).toEqual({ ...order, version: 1, refunded_minor: 400, ...more })
})

test("an event of a refund without a version, or of another one, cannot be read", () => {
  const [event] = ledgerEvents(1, [entryOf("refunded", 400)], [], [moved])
  const { refunded_minor, ...unversioned } = { ...event?.payload, refunded_minor: 400, version: undefined }
  const unread = (payload: object) => decodeEvent(JSON.stringify({ ...event, payload }))
  expect(unread({ ...unversioned, refunded_minor })).toEqual({ poison: "invalid" })
  expect(unread({ ...event?.payload, version: 2 })).toEqual({ poison: "unknown-version" })
})
