/** What happened to a payment, for tests and for the inspection page. */
export type PaymentEvent =
  | "authorised"
  | "declined"
  | "action-required"
  | "authentication-failed"
  | "captured"
  | "capture-failed"
  | "voided"
  | "refunded"
  | "refund-failed"
  | "disputed"
  | "dispute-won"
  | "dispute-lost"
  | "broke"

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
  /** The page of the shop to which the shopper returns. Without it, the provider has no page for them. */
  readonly returnUrl?: string
  readonly history: readonly PaymentEvent[]
}

/** A refund as the provider keeps it. A pending one and one that succeeded may fail. */
export interface Refund {
  readonly id: string
  readonly paymentId: string
  readonly amount: number
  readonly currency: string
  readonly created: number
  readonly metadata: Readonly<Record<string, string>>
  readonly status: "pending" | "succeeded" | "failed"
}

/** The bank of a shopper takes the money of a payment back, until the dispute is decided. */
export interface Dispute {
  readonly id: string
  readonly paymentId: string
  readonly amount: number
  readonly currency: string
  readonly created: number
  readonly status: "needs_response" | "won" | "lost"
}

/** Stripe's code when the shopper did not authenticate. */
export const authenticationFailure = "payment_intent_authentication_failure"

/** The page where the shopper of a payment authenticates. */
export const pagePathOf = (id: string) => `/sim/authenticate/${id}`

const chargeIdOf = (payment: Payment) => payment.id.replace("pi_", "ch_")

/** Stripe's PaymentIntent. `origin` is the address of this provider. */
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
  last_payment_error: lastError(payment),
  latest_charge: payment.status === "requires_action" ? null : chargeIdOf(payment),
  livemode: false,
  metadata: payment.metadata,
  next_action: nextAction(payment, origin),
  payment_method: payment.status === "requires_payment_method" ? null : payment.paymentMethod,
  payment_method_types: ["card"],
  status: payment.status,
})

function lastError({ declineCode, history }: Payment) {
  if (declineCode !== undefined) {
    return { type: "card_error", code: "card_declined", decline_code: declineCode, message: "Your card was declined." }
  }
  if (!history.includes("authentication-failed")) return null
  return { type: "card_error", code: authenticationFailure, message: "The provided PaymentMethod has failed authentication." }
}

/** As with Stripe, a client without a return URL gets no page for its shopper. */
function nextAction({ id, status, returnUrl }: Payment, origin: string) {
  if (status !== "requires_action") return null
  if (returnUrl === undefined) return { type: "use_stripe_sdk", use_stripe_sdk: {} }
  return { type: "redirect_to_url", redirect_to_url: { url: `${origin}${pagePathOf(id)}`, return_url: returnUrl } }
}

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
  status: refund.status,
  ...(refund.status === "failed" && { failure_reason: "expired_or_canceled_card" }),
})

/** Stripe's Dispute. */
export const disputeObject = (dispute: Dispute) => ({
  id: dispute.id,
  object: "dispute",
  amount: dispute.amount,
  charge: dispute.paymentId.replace("pi_", "ch_"),
  created: dispute.created,
  currency: dispute.currency,
  metadata: {},
  payment_intent: dispute.paymentId,
  reason: "fraudulent",
  status: dispute.status,
})

/** Stripe's Charge, as its events hold it. It has the metadata of its PaymentIntent. */
export const chargeObject = (payment: Payment) => ({
  id: chargeIdOf(payment),
  object: "charge",
  amount: payment.amount,
  amount_captured: payment.amountCaptured,
  amount_refunded: payment.amountRefunded,
  captured: payment.amountCaptured > 0,
  currency: payment.currency,
  metadata: payment.metadata,
  payment_intent: payment.id,
  refunded: payment.amountRefunded > 0 && payment.amountRefunded === payment.amountCaptured,
})

/** A payment in GET /sim/payments: its state and its history. */
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
