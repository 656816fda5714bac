import type { AnySaleEvent } from "../../core/contracts/events.ts"
import type { OrderRecord } from "../../core/contracts/orders-confirmed.ts"

/**
 * The record that a warehouse gets of an event: of an order that is paid, and of one whose money went back. An order whose
 * capture failed was never confirmed, and a refund of a part leaves the order as it is: a warehouse reads about neither.
 */
export function orderRecordOf(event: AnySaleEvent): OrderRecord | undefined {
  if (event.event_type === "order.paid") return { ...orderOf(event, event.payload), event_type: "order.confirmed" }
  if (event.event_type === "order.refunded") {
    const { refunded_minor, units_returned } = event.payload
    return { ...orderOf(event, event.payload), event_type: "order.refunded", refunded_minor, units_returned }
  }
  return undefined
}

type OrderPayload = Extract<AnySaleEvent, { event_type: "order.paid" }>["payload"]

const orderOf = (event: AnySaleEvent, payload: OrderPayload) => ({
  event_id: event.event_id,
  version: 1 as const,
  occurred_at: event.occurred_at,
  order_id: payload.order_id,
  reservation_id: event.reservation_id ?? "",
  user_id: payload.user_id,
  sku_id: event.sku_id,
  quantity: payload.quantity,
  amount_minor: payload.amount_minor,
  currency: payload.currency,
})
