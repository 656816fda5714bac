import type Stripe from "stripe"
import { authenticationRequired } from "../../domain/checkout.ts"
import type { ProviderPayment } from "./provider.ts"

/** Metadata of every payment, by which it is found when the answer to its creation was lost. */
export const attemptField = "attempt_id"
export const reservationField = "reservation_id"

/** Where a PaymentIntent stands, in the sale's own terms. */
export function paymentOf(intent: Stripe.PaymentIntent): ProviderPayment {
  const { id: ref, status, metadata, next_action: action, last_payment_error: error } = intent
  const { [attemptField]: attemptId } = metadata
  const payment = { ref, ...(attemptId !== undefined && { attemptId }) }
  const code = error?.decline_code ?? error?.code ?? status
  switch (status) {
    case "requires_capture":
      return { ...payment, status: "authorised" }
    case "succeeded":
      return { ...payment, status: "captured" }
    case "requires_action": {
      const actionUrl = action?.redirect_to_url?.url ?? undefined
      if (actionUrl === undefined) return { ...payment, status: "unpaid", code: authenticationRequired }
      return { ...payment, status: "action-required", actionUrl }
    }
    case "requires_payment_method":
      return { ...payment, status: "unpaid", code }
    case "canceled":
      return { ...payment, status: "void", code }
    default:
      return { ...payment, status: "pending" }
  }
}
