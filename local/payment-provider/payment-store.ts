import type { Journal, RecordedAnswer } from "./journal.ts"
import type { Outcome } from "./outcome.ts"
import type { Dispute, Payment, Refund } from "./payment.ts"
import { invalidRequest } from "./stripe-error.ts"

/** The payments, refunds and recorded answers of this provider. */
export interface PaymentStore {
  /** @throws StripeError 404 */
  get(id: string): Payment
  /** Newest first. */
  all(): Payment[]
  /** Newest first; of all payments without the name of one. */
  refundsOf(paymentId?: string): Refund[]
  /** @throws StripeError 404 */
  refund(id: string): Refund
  /** Newest first; of all payments without the name of one. */
  disputesOf(paymentId?: string): Dispute[]
  recordedAnswer(idempotencyKey: string): RecordedAnswer | undefined
  /** Saves what an operation changed, together with the answer that a repeated call gets. */
  save(changed: Outcome["changed"], answer?: RecordedAnswer): void
}

/** Opens the store with everything that the journal holds. */
export function openPaymentStore(journal: Journal): PaymentStore {
  const payments = new Map<string, Payment>()
  const refunds = new Map<string, Refund>()
  const disputes = new Map<string, Dispute>()
  const answers = new Map<string, RecordedAnswer>()
  const apply = ({ payment, refund, dispute, answer }: Outcome["changed"] & { readonly answer?: RecordedAnswer }) => {
    if (payment) payments.set(payment.id, payment)
    if (refund) refunds.set(refund.id, refund)
    if (dispute) disputes.set(dispute.id, dispute)
    if (answer) answers.set(answer.key, answer)
  }
  journal.entries.forEach(apply)

  return {
    get(id) {
      const payment = payments.get(id)
      if (!payment) throw invalidRequest("resource_missing", `No such payment_intent: '${id}'`, { param: "intent" }, 404)
      return payment
    },
    all: () => [...payments.values()].reverse(),
    refundsOf: (paymentId) => newestOf(refunds, paymentId),
    refund(id) {
      const refund = refunds.get(id)
      if (!refund) throw invalidRequest("resource_missing", `No such refund: '${id}'`, { param: "id" }, 404)
      return refund
    },
    disputesOf: (paymentId) => newestOf(disputes, paymentId),
    recordedAnswer: (idempotencyKey) => answers.get(idempotencyKey),
    save(changed, answer) {
      const entry = { ...changed, ...(answer && { answer }) }
      journal.append(entry)
      apply(entry)
    },
  }
}

const newestOf = <Kept extends { readonly paymentId: string }>(all: ReadonlyMap<string, Kept>, paymentId?: string): Kept[] =>
  [...all.values()].filter((kept) => paymentId === undefined || kept.paymentId === paymentId).reverse()
