import { randomUUID } from "node:crypto"
import { type AnySaleEvent, encodeEvent, eventIdOf } from "../../core/contracts/events.ts"

/** SKUs of each partition: several sell at the same time, as in the reference sale beside others. */
const skusOfPartition = 5
const refusedInSummary = 40
/** Events of one second of the sale. */
const eventsPerSecond = 10_000

/** A record of the event topic. */
export interface EventRecord {
  readonly partition: number
  readonly key: string
  readonly value: string
}

/**
 * Events of a sale in the order in which the relay publishes them, with the shares of the reference sale: of ten entries six are
 * reservations, one confirms, one is paid, one expires, and one sums up refusals.
 */
export function* saleEvents(count: number, partitions: number, startMs: number): Generator<EventRecord> {
  const ids = Array.from({ length: 1_000 }, () => randomUUID())
  const idAt = (index: number): string => ids[index % ids.length] ?? ""
  for (let index = 0; index < count; index++) {
    const partition = index % partitions
    const round = Math.floor(index / partitions)
    const skuNo = 1 + partition * skusOfPartition + (round % skusOfPartition)
    const seq = 1 + Math.floor(round / skusOfPartition)
    const skuId = `sku-${String(skuNo).padStart(4, "0")}`
    const atMs = startMs + Math.floor((index * 1_000) / eventsPerSecond)
    const value = encodeEvent(eventOf({ skuNo, skuId, seq, atMs, id: idAt(index), userId: idAt(index + 500) }))
    yield { partition, key: skuId, value }
  }
}

interface Entry {
  readonly skuNo: number
  readonly skuId: string
  readonly seq: number
  readonly atMs: number
  readonly id: string
  readonly userId: string
}

function eventOf({ skuNo, skuId, seq, atMs, id, userId }: Entry): AnySaleEvent {
  const envelope = {
    event_id: eventIdOf(skuNo, seq, 0),
    sku_id: skuId,
    seq,
    occurred_at: new Date(atMs).toISOString(),
  }
  const reservation = { ...envelope, reservation_id: id }
  const order = { user_id: userId, order_id: id, quantity: 1, amount_minor: 4_900, currency: "EUR" }
  switch (seq % 10) {
    case 6:
      return { ...reservation, event_type: "reservation.confirmed", payload: order }
    case 7:
      return { ...reservation, event_type: "order.paid", payload: order }
    case 8:
      return { ...reservation, event_type: "reservation.expired", payload: { user_id: userId, quantity: 1 } }
    case 9:
      return { ...envelope, event_type: "reservation.rejected", payload: { reasons: { "sold-out": refusedInSummary } } }
    default:
      return {
        ...reservation,
        event_type: "reservation.created",
        payload: { user_id: userId, quantity: 1, expires_at: new Date(atMs + 120_000).toISOString() },
      }
  }
}
