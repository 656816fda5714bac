/** What happened to a payment, in order; for tests and for whoever looks. */
export type PaymentEvent = "authorised" | "declined" | "action-required" | "captured" | "capture-failed" | "voided" | "refunded"

/** A payment as the provider keeps it. Times are Unix seconds, as in Stripe's API; amounts are minor units. */
export interface Payment {
  readonly id: string
  readonly amount: number
  readonly currency: string
  readonly paymentMethod: string
  readonly metadata: Readonly<Record<string, string>>
  readonly created: number
  readonly status: "requires_action" | "requires_capture" | "requires_payment_method" | "succeeded" | "canceled"
  readonly amountCaptured: number
  readonly amountRefunded: number
  readonly declineCode?: string
  readonly history: readonly PaymentEvent[]
}

export interface Refund {
  readonly id: string
  readonly paymentId: string
  readonly amount: number
  readonly currency: string
  readonly created: number
  readonly metadata: Readonly<Record<string, string>>
}

const chargeIdOf = (payment: Payment) => payment.id.replace("pi_", "ch_")

/** Stripe's PaymentIntent. `origin` is where this provider can be reached. */
export const paymentIntent = (payment: Payment, origin: string) => ({
  id: payment.id,
  object: "payment_intent",
  amount: payment.amount,
  amount_capturable: payment.status === "requires_capture" ? payment.amount : 0,
  amount_received: payment.amountCaptured,
  automatic_payment_methods: { enabled: true, allow_redirects: "never" },
  canceled_at: null,
  cancellation_reason: null,
  capture_method: "manual",
  client_secret: `${payment.id}_secret_local`,
  confirmation_method: "automatic",
  created: payment.created,
  currency: payment.currency,
  customer: null,
  description: null,
  last_payment_error:
    payment.declineCode === undefined
      ? null
      : { type: "card_error", code: "card_declined", decline_code: payment.declineCode, message: "Your card was declined." },
  latest_charge: payment.status === "requires_action" ? null : chargeIdOf(payment),
  livemode: false,
  metadata: payment.metadata,
  next_action:
    payment.status === "requires_action"
      ? { type: "redirect_to_url", redirect_to_url: { url: `${origin}/sim/authenticate/${payment.id}`, return_url: null } }
      : null,
  payment_method: payment.status === "requires_payment_method" ? null : payment.paymentMethod,
  payment_method_types: ["card"],
  status: payment.status,
})

/** Stripe's Refund. */
export const refundObject = (refund: Refund) => ({
  id: refund.id,
  object: "refund",
  amount: refund.amount,
  charge: refund.paymentId.replace("pi_", "ch_"),
  created: refund.created,
  currency: refund.currency,
  metadata: refund.metadata,
  payment_intent: refund.paymentId,
  reason: null,
  status: "succeeded",
})

/** What GET /sim/payments shows: where the payment stands and how it came there. */
export const paymentSummary = (payment: Payment) => ({
  id: payment.id,
  attempt_id: payment.metadata.attempt_id,
  status: payment.status,
  amount: payment.amount,
  currency: payment.currency,
  amount_captured: payment.amountCaptured,
  amount_refunded: payment.amountRefunded,
  payment_method: payment.paymentMethod,
  metadata: payment.metadata,
  history: payment.history,
})
