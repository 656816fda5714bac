import { z } from "zod"
import { type Form, readForm, textMap, wholeNumber } from "./form.ts"
import { behaviourOf } from "./methods.ts"
import { afterEvent, declinedOutcome, expectStatus, intentOutcome, type Outcome, orSimulatedFailure } from "./outcome.ts"
import type { PaymentStore } from "./payment-store.ts"
import { invalidRequest } from "./stripe-error.ts"

const CaptureForm = z.strictObject({ amount_to_capture: wholeNumber.optional(), metadata: textMap.optional() })
const AuthenticateForm = z.strictObject({ outcome: z.enum(["confirm", "fail"]) })
const CancelForm = z.strictObject({ cancellation_reason: z.string().optional() })

/** POST /v1/payment_intents/{id}/capture. @throws StripeError for a request that Stripe would refuse */
export function capturePayment({ get }: PaymentStore, id: string, form: Form, origin: string): Outcome {
  const payment = expectStatus(get(id), "captured", ["requires_capture"], origin)
  const { amount_to_capture: amount = payment.amount } = readForm(CaptureForm, form)
  if (amount < 1 || amount > payment.amount) {
    throw invalidRequest("amount_too_large", "You cannot capture more than was authorised.", { param: "amount_to_capture" })
  }
  const { captureFails } = behaviourOf(payment.paymentMethod) ?? {}
  if (captureFails === "for-good") {
    const failed = { status: "requires_payment_method", declineCode: "generic_decline" } as const
    return declinedOutcome(afterEvent(payment, "capture-failed", failed), origin)
  }
  if (captureFails === "once" && !payment.history.includes("capture-failed")) {
    return declinedOutcome(afterEvent(payment, "capture-failed"), origin)
  }
  const captured = afterEvent(payment, "captured", { status: "succeeded", amountCaptured: amount })
  return orSimulatedFailure("capture", payment, intentOutcome(captured, origin))
}

/** POST /v1/payment_intents/{id}/cancel. @throws StripeError for a request that Stripe would refuse */
export function cancelPayment({ get }: PaymentStore, id: string, form: Form, origin: string): Outcome {
  readForm(CancelForm, form)
  const open = ["requires_capture", "requires_action", "requires_payment_method"] as const
  const payment = expectStatus(get(id), "canceled", open, origin)
  return orSimulatedFailure("cancel", payment, intentOutcome(afterEvent(payment, "voided", { status: "canceled" }), origin))
}

/**
 * The shopper authenticates on the provider's page (3-D Secure), or fails to. @throws StripeError when the payment does not wait
 * for it
 */
export function authenticatePayment({ get }: PaymentStore, id: string, form: Form, origin: string): Outcome {
  const { outcome } = readForm(AuthenticateForm, form)
  const payment = expectStatus(get(id), "authenticated", ["requires_action"], origin)
  return intentOutcome(
    outcome === "confirm"
      ? afterEvent(payment, "authorised", { status: "requires_capture" })
      : afterEvent(payment, "authentication-failed", { status: "requires_payment_method" }),
    origin,
  )
}
