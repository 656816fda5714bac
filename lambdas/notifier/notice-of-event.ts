import type { AnySaleEvent } from "../../core/contracts/events.ts"
import type { Notice } from "../../core/domain/notices/notice.ts"

/** A notice, and the user who gets it. */
export interface AddressedNotice {
  readonly notice: Notice
  readonly userId: string
}

/**
 * The notice that an event asks for.
 *
 * An order is confirmed by `order.paid`, not by `reservation.confirmed`: between the two the money is captured, and that may
 * fail. A mail cannot be taken back, and the page shows at once that the shopper has paid. A refund that failed is for operators
 * (RUNBOOK, RefundFailed): they return the money in another way, and only then is there something to write.
 *
 * @returns undefined for an event that no shopper needs to read about, or that reports what they did themselves
 */
export function noticeOf(event: AnySaleEvent): AddressedNotice | undefined {
  switch (event.event_type) {
    case "order.paid":
      return addressed(event.payload, { kind: "order-confirmed", ...orderOf(event.payload) })
    case "order.payment_failed":
      return addressed(event.payload, { kind: "payment-failed", ...orderOf(event.payload) })
    case "order.refunded":
      return addressed(event.payload, { kind: "order-refunded", ...refundOf(event.payload) })
    case "order.partly_refunded":
      return addressed(event.payload, { kind: "order-partly-refunded", ...refundOf(event.payload) })
    case "reservation.expired":
      return addressed(event.payload, { kind: "hold-expired", quantity: event.payload.quantity })
    case "reservation.promoted": {
      const { quantity, expires_at } = event.payload
      return addressed(event.payload, { kind: "waitlist-promoted", quantity, expiresAtMs: Date.parse(expires_at) })
    }
    case "reservation.lapsed":
      return addressed(event.payload, { kind: "waitlist-lapsed", quantity: event.payload.quantity })
    default:
      return undefined
  }
}

const addressed = ({ user_id: userId }: { readonly user_id: string }, notice: Notice): AddressedNotice => ({ userId, notice })

interface OrderPayload {
  readonly order_id: string
  readonly quantity: number
  readonly amount_minor: number
  readonly currency: string
}

const orderOf = ({ order_id, quantity, amount_minor, currency }: OrderPayload) => ({
  orderId: order_id,
  quantity,
  amountMinor: amount_minor,
  currency,
})

const refundOf = (payload: OrderPayload & { readonly refunded_minor: number }) => ({
  ...orderOf(payload),
  refundedMinor: payload.refunded_minor,
})
