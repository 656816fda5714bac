import type Stripe from "stripe"
import type { PaymentProvider, ProviderRefund, RefundResult } from "./provider.ts"
import type { StripeCalls } from "./stripe-calls.ts"
import { change } from "./stripe-changes.ts"
import { attemptField } from "./stripe-payment.ts"

/** Metadata of every refund that we ask for, by which it is found when the answer to its creation was lost. */
const refundField = "refund_id"

/** The most refunds and disputes of one payment that are read: Stripe's longest page. */
const maxListed = 100

/** Codes with which the provider says that it does not make this refund. After any other error it is asked again. */
const refusals: ReadonlySet<string> = new Set([
  "amount_too_large",
  "charge_already_refunded",
  "charge_disputed",
  "charge_not_refundable",
  "payment_intent_unexpected_state",
])

/** Refunds of orders, through Stripe. Before another key is used, and after each error, the refunds of the payment are read. */
export function createRefunds(calls: StripeCalls): Pick<PaymentProvider, "requestRefund" | "refundsOf" | "recentRefunds"> {
  const { refunds, disputes, askDefinite } = calls
  const listed = async (ref: string) => {
    const asked = { payment_intent: ref, limit: maxListed }
    return (await askDefinite("list refunds", () => refunds.list(asked))).data.map(refundOf)
  }

  return {
    requestRefund: ({ refundId, attemptId, ref, amountMinor }) =>
      change<Stripe.Refund, RefundResult>(calls, {
        operation: "refund",
        key: refundId,
        call: (idempotencyKey) =>
          refunds.create(
            { payment_intent: ref, amount: amountMinor, metadata: { [refundField]: refundId, [attemptField]: attemptId } },
            { idempotencyKey },
          ),
        accept: (refund) => ({ kind: "made", refund: refundOf(refund) }),
        async look(code) {
          const made = (await listed(ref)).find((refund) => refund.refundId === refundId)
          if (made !== undefined) return { kind: "made", refund: made }
          return refusals.has(code) ? { kind: "refused", code } : undefined
        },
      }),

    async refundsOf(ref) {
      const disputed = await askDefinite("list disputes", () => disputes.list({ payment_intent: ref, limit: maxListed }))
      return [...disputed.data.map(disputeOf), ...(await listed(ref))]
    },

    async recentRefunds(seconds) {
      const asked = { created: { gte: Math.floor(Date.now() / 1_000) - seconds }, limit: maxListed }
      const disputed = await askDefinite("list disputes", () => disputes.list(asked))
      const refunded = await askDefinite("list refunds", () => refunds.list(asked))
      return [...disputed.data, ...refunded.data].flatMap(({ id: ref, payment_intent: paymentRef }) =>
        typeof paymentRef === "string" ? { ref, paymentRef } : [],
      )
    },
  }
}

export function refundOf({
  id: ref,
  amount: amountMinor,
  status,
  metadata,
  failure_reason: reason,
}: Stripe.Refund): ProviderRefund {
  const { [refundField]: refundId } = metadata ?? {}
  const refund = { ref, kind: "refund" as const, amountMinor, ...(refundId !== undefined && { refundId }) }
  switch (status) {
    case "succeeded":
      return { ...refund, status }
    case "failed":
    case "canceled":
      return { ...refund, status: "failed", code: reason ?? status }
    default:
      return { ...refund, status: "pending" }
  }
}

/** The money of a dispute is gone when the shop lost it. While it is open, nobody knows. */
export function disputeOf({ id: ref, amount: amountMinor, status }: Stripe.Dispute): ProviderRefund {
  const dispute = { ref, kind: "dispute" as const, amountMinor }
  if (status === "lost") return { ...dispute, status: "succeeded" }
  const isOver = status === "won" || status === "warning_closed" || status === "prevented"
  return isOver ? { ...dispute, status: "failed", code: status } : { ...dispute, status: "pending" }
}
