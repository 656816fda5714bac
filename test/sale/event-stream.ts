import { type AnySaleEvent, eventIdOf } from "../../core/contracts/events.ts"

const userId = "11111111-1111-4111-8111-111111111111"
const idOf = (skuNo: number, seq: number) => `${String(skuNo).padStart(8, "0")}-0000-4000-8000-${String(seq).padStart(12, "0")}`
const quantity = 2
const amountMinor = 900

export interface StreamSku {
  readonly skuNo: number
  readonly skuId: string
}

/**
 * Events of one SKU as the relay publishes them, one for each ledger entry from `fromSeq` on. Five entries are a reservation, its
 * order and its capture, a waiting request and ten refusals.
 */
export function eventStream({ skuNo, skuId }: StreamSku, fromSeq: number, count: number, atMs = Date.now()): AnySaleEvent[] {
  return Array.from({ length: count }, (_, index): AnySaleEvent => {
    const seq = fromSeq + index
    const common = {
      event_id: eventIdOf(skuNo, seq, 0),
      sku_id: skuId,
      seq,
      occurred_at: new Date(atMs).toISOString(),
      reservation_id: idOf(skuNo, seq),
    }
    const order = { user_id: userId, order_id: idOf(skuNo, seq), quantity, amount_minor: amountMinor, currency: "EUR" }
    switch (seq % 5) {
      case 1:
        return {
          ...common,
          event_type: "reservation.created",
          payload: { user_id: userId, quantity, expires_at: common.occurred_at },
        }
      case 2:
        return { ...common, event_type: "reservation.confirmed", payload: order }
      case 3:
        return { ...common, event_type: "order.paid", payload: order }
      case 4:
        return { ...common, event_type: "reservation.waitlisted", payload: { user_id: userId, quantity } }
      default: {
        const { reservation_id: _, ...summary } = common
        return { ...summary, event_type: "reservation.rejected", payload: { reasons: { "sold-out": 10 } } }
      }
    }
  })
}

/** The totals of a SKU whose first `entries` ledger entries were counted once each. */
export function totalsOfStream(entries: number) {
  const ofKind = (rest: number) => Math.floor((entries + 5 - rest) / 5)
  return {
    events: entries,
    reserved: ofKind(1),
    confirmed: ofKind(2),
    unitsConfirmed: quantity * ofKind(2),
    paid: ofKind(3),
    waitlisted: ofKind(4),
    refused: 10 * ofKind(5),
    revenueMinor: ofKind(3) === 0 ? {} : { EUR: amountMinor * ofKind(3) },
  }
}
