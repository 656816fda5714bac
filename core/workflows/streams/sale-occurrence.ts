import type { AnySaleEvent } from "../../contracts/events.ts"
import type { SaleFact } from "../../domain/analytics/counts.ts"
import type { SaleOccurrence } from "../../domain/analytics/figures.ts"

/** An event as analytics counts it. Its id says where it is in the ledger of its SKU. */
export function occurrenceOf(event: AnySaleEvent): SaleOccurrence {
  return {
    skuId: event.sku_id,
    seq: event.seq,
    ord: Number(event.event_id.slice(event.event_id.lastIndexOf("-") + 1)),
    atMs: Date.parse(event.occurred_at),
    fact: factOf(event),
  }
}

function factOf(event: AnySaleEvent): SaleFact {
  switch (event.event_type) {
    case "reservation.created":
      return { kind: "reserved", units: event.payload.quantity }
    case "reservation.waitlisted":
      return { kind: "waitlisted", units: event.payload.quantity }
    case "reservation.rejected":
      return { kind: "refused", reasons: event.payload.reasons }
    case "reservation.promoted":
      return { kind: "promoted", units: event.payload.quantity }
    case "reservation.confirmed":
      return { kind: "confirmed", units: event.payload.quantity }
    case "reservation.expired":
      return { kind: "expired", units: event.payload.quantity }
    case "reservation.cancelled":
      return { kind: "cancelled", units: event.payload.quantity }
    case "reservation.lapsed":
      return { kind: "lapsed", units: event.payload.quantity }
    case "order.paid":
      return { kind: "paid", amountMinor: event.payload.amount_minor, currency: event.payload.currency }
    case "order.payment_failed":
      return { kind: "payment-failed", amountMinor: event.payload.amount_minor, currency: event.payload.currency }
    case "order.refunded":
      return { kind: "refunded", amountMinor: event.payload.refunded_minor, currency: event.payload.currency }
    case "order.partly_refunded":
      return { kind: "partly-refunded", amountMinor: event.payload.refunded_minor, currency: event.payload.currency }
    case "order.refund_failed":
      return { kind: "refund-failed", amountMinor: event.payload.refunded_minor, currency: event.payload.currency }
    case "reservation.extended":
    case "stock.restocked":
    case "sale.opened":
    case "sale.closed":
    case "sale.halted":
    case "sale.frozen":
    case "sale.resumed":
    case "sale.switched":
      return { kind: "other" }
  }
}
