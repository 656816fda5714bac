import { randomBytes } from "node:crypto"
import { behaviourOf, type Operation } from "./methods.ts"
import { type Dispute, type Payment, type PaymentEvent, paymentIntent, type Refund } from "./payment.ts"
import { cardError, StripeError, serverError } from "./stripe-error.ts"

/** An event of Stripe's: its type, and the object it is about. */
export interface ProviderEvent {
  readonly type: string
  readonly object: unknown
}

/** What an operation did: Stripe's answer, and what is to be saved. */
export interface Outcome {
  readonly status: number
  readonly body: unknown
  readonly changed: { readonly payment?: Payment; readonly refund?: Refund; readonly dispute?: Dispute }
  /** The events that the shop is notified of. */
  readonly events?: readonly ProviderEvent[]
}

export const newId = (prefix: string) => `${prefix}_${randomBytes(12).toString("hex")}`
export const nowSeconds = () => Math.floor(Date.now() / 1_000)

/** The payment after an event. */
export const afterEvent = (payment: Payment, event: PaymentEvent, change: Partial<Payment> = {}): Payment => ({
  ...payment,
  ...change,
  history: [...payment.history, event],
})

/** The payment as the answer, and saved. */
export const intentOutcome = (payment: Payment, origin: string): Outcome => ({
  status: 200,
  body: paymentIntent(payment, origin),
  changed: { payment },
})

/** A decline is an error for the caller. The payment is saved all the same, as declined. */
export function declinedOutcome(payment: Payment, origin: string): Outcome {
  const { status, error } = cardError(payment.declineCode ?? "", "Your card was declined.", {
    charge: payment.id.replace("pi_", "ch_"),
    payment_intent: paymentIntent(payment, origin),
  })
  return { status, body: { error }, changed: { payment } }
}

/** The outcome of an operation; or a failure (500) instead, once for each payment whose method fails at this operation. */
export function orSimulatedFailure(at: Operation, before: Payment, outcome: Outcome): Outcome {
  const { breaks } = behaviourOf(before.paymentMethod) ?? {}
  if (breaks?.at !== at || before.history.includes("broke")) return outcome
  const { status, error } = serverError()
  const { changed } = outcome
  if (breaks.when === "after") {
    return {
      ...outcome,
      status,
      body: { error },
      changed: { ...changed, payment: afterEvent(changed.payment ?? before, "broke") },
    }
  }
  // Nothing is saved of a payment whose creation failed before it was made.
  return { status, body: { error }, changed: at === "create" ? {} : { payment: afterEvent(before, "broke") } }
}

/** @throws StripeError 400 when the status of the payment does not allow the operation */
export function expectStatus(payment: Payment, done: string, allowed: readonly Payment["status"][], origin: string): Payment {
  if (allowed.includes(payment.status)) return payment
  throw new StripeError(400, {
    type: "invalid_request_error",
    code: "payment_intent_unexpected_state",
    message: `This PaymentIntent could not be ${done} because it has a status of ${payment.status}.`,
    payment_intent: paymentIntent(payment, origin),
  })
}
