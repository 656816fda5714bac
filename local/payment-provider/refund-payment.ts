import { z } from "zod"
import { type Form, readForm, textMap, wholeNumber } from "./form.ts"
import { behaviourOf } from "./methods.ts"
import { afterEvent, newId, nowSeconds, type Outcome, orSimulatedFailure } from "./outcome.ts"
import { chargeObject, type Dispute, disputeObject, type Payment, type Refund, refundObject } from "./payment.ts"
import type { PaymentStore } from "./payment-store.ts"
import { invalidRequest } from "./stripe-error.ts"

const RefundForm = z.strictObject({
  payment_intent: z.string(),
  amount: wholeNumber.optional(),
  reason: z.string().optional(),
  metadata: textMap.default({}),
})

/** POST /v1/refunds. @throws StripeError for a request that Stripe would refuse */
export function refundPayment(store: PaymentStore, form: Form): Outcome {
  const fields = readForm(RefundForm, form)
  const payment = store.get(fields.payment_intent)
  const left = payment.amountCaptured - payment.amountRefunded
  const { amount = left } = fields
  if (payment.amountCaptured === 0) {
    throw invalidRequest("payment_intent_unexpected_state", "This PaymentIntent does not have a successful charge to refund.")
  }
  if (store.disputesOf(payment.id).some(({ status }) => status !== "won")) {
    throw invalidRequest("charge_disputed", `Charge of ${payment.id} has been charged back; cannot issue a refund.`)
  }
  if (left === 0) throw invalidRequest("charge_already_refunded", `Charge of ${payment.id} has already been refunded.`)
  if (amount < 1 || amount > left) {
    throw invalidRequest("amount_too_large", `Only ${left} is left to refund.`, { param: "amount" })
  }
  const { refunds } = behaviourOf(payment.paymentMethod) ?? {}
  const refund: Refund = {
    id: newId("re"),
    paymentId: payment.id,
    amount,
    currency: payment.currency,
    created: nowSeconds(),
    metadata: fields.metadata,
    status: refunds === "pending" ? "pending" : "succeeded",
  }
  if (refunds === "fails")
    return changed({ ...refund, status: "failed" }, afterEvent(payment, "refund-failed"), ["refund.failed"])
  const refunded = afterEvent(payment, "refunded", { amountRefunded: payment.amountRefunded + amount })
  return orSimulatedFailure("refund", payment, changed(refund, refunded, ["refund.created"]))
}

/** A refund that changed, as the answer, and the events about it. */
function changed(refund: Refund, payment: Payment, types: readonly string[]): Outcome {
  const events = types.map((type) => ({ type, object: refundObject(refund) }))
  const charge = types.includes("refund.created") ? [{ type: "charge.refunded", object: chargeObject(payment) }] : []
  return { status: 200, body: refundObject(refund), changed: { payment, refund }, events: [...events, ...charge] }
}

const ActForm = z.discriminatedUnion("act", [
  z.strictObject({ act: z.literal("refund"), amount: wholeNumber }),
  z.strictObject({ act: z.enum(["succeed", "fail"]), refund: z.string() }),
  z.strictObject({ act: z.enum(["dispute", "win", "lose"]) }),
])

/**
 * POST /sim/refunds/{id}: staff of the shop return money at the provider, the shopper's bank decides what becomes of a refund, or
 * the shopper disputes the payment. @throws StripeError for what the state of the payment does not allow
 */
export function actOnRefunds(store: PaymentStore, id: string, form: Form): Outcome {
  const fields = readForm(ActForm, form)
  const payment = store.get(id)
  switch (fields.act) {
    case "refund":
      return refundPayment(store, { payment_intent: id, amount: String(fields.amount) })
    case "succeed":
      return changed({ ...store.refund(fields.refund), status: "succeeded" }, payment, ["refund.updated"])
    case "fail": {
      const refund = store.refund(fields.refund)
      if (refund.status === "failed") throw invalidRequest("refund_failed", "This refund has failed already.")
      const left = { amountRefunded: payment.amountRefunded - refund.amount }
      return changed({ ...refund, status: "failed" }, afterEvent(payment, "refund-failed", left), [
        "refund.updated",
        "refund.failed",
      ])
    }
    case "dispute":
      return disputePayment(store, payment)
    case "win":
    case "lose":
      return closeDispute(store, payment, fields.act)
  }
}

function disputePayment(store: PaymentStore, payment: Payment): Outcome {
  if (payment.amountCaptured === 0 || store.disputesOf(payment.id).some(({ status }) => status !== "won")) {
    throw invalidRequest("payment_intent_unexpected_state", "This PaymentIntent has no charge that can be disputed.")
  }
  const { id: paymentId, amountCaptured: amount, currency } = payment
  const status = "needs_response" as const
  const dispute: Dispute = { id: newId("dp"), paymentId, amount, currency, created: nowSeconds(), status }
  return disputed(dispute, afterEvent(payment, "disputed"), "charge.dispute.created")
}

function closeDispute(store: PaymentStore, payment: Payment, act: "win" | "lose"): Outcome {
  const open = store.disputesOf(payment.id).find(({ status }) => status === "needs_response")
  if (open === undefined) throw invalidRequest("dispute_missing", "No dispute of this payment is open.")
  const dispute = { ...open, status: act === "win" ? ("won" as const) : ("lost" as const) }
  return disputed(dispute, afterEvent(payment, act === "win" ? "dispute-won" : "dispute-lost"), "charge.dispute.closed")
}

const disputed = (dispute: Dispute, payment: Payment, type: string): Outcome => ({
  status: 200,
  body: disputeObject(dispute),
  changed: { payment, dispute },
  events: [{ type, object: disputeObject(dispute) }],
})
