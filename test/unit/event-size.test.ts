import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { type AnySaleEvent, encodeEvent, eventIdOf } from "../../core/contracts/events.ts"
import { relayLimits } from "../../core/workflows/allocation/relay-turn.ts"
import { eventsPerSecondOfSku } from "../../lib/capacity/demand.ts"
import { eventRecordBytes } from "../../lib/capacity/limits.ts"

const largest = 2_147_483_647
const skuId = "s".repeat(64)

test("the longest event is shorter than the capacity model says, with its key and the header of its trace", () => {
  const refunded: AnySaleEvent = {
    event_id: eventIdOf(largest, largest, 32_767),
    event_type: "order.refunded",
    reservation_id: randomUUID(),
    sku_id: skuId,
    seq: largest,
    occurred_at: new Date().toISOString(),
    payload: {
      ...{ user_id: randomUUID(), order_id: randomUUID(), quantity: 100, amount_minor: 100_000_000_000, currency: "EUR" },
      ...{ version: 1, refunded_minor: 100_000_000_000, units_returned: false },
    },
  }
  const traceparent = `traceparent00-${"a".repeat(32)}-${"b".repeat(16)}-01`
  const bytes = Buffer.byteLength(encodeEvent(refunded) + skuId + traceparent)
  expect(bytes).toBeLessThan(eventRecordBytes)
  expect(bytes).toBeGreaterThan(0.8 * eventRecordBytes)
})

test("the capacity model has the rate at which the relay publishes the events of a SKU", () => {
  expect((relayLimits.maxTurnEvents / relayLimits.maxTurnMs) * 1_000).toBe(eventsPerSecondOfSku)
})
