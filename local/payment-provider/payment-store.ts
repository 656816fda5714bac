import type { Journal, RecordedAnswer } from "./journal.ts"
import type { Outcome } from "./outcome.ts"
import type { Payment, Refund } from "./payment.ts"
import { invalidRequest } from "./stripe-error.ts"

/** The payments, refunds and recorded answers of this provider. */
export interface PaymentStore {
  /** @throws StripeError 404 */
  get(id: string): Payment
  /** Newest first. */
  all(): Payment[]
  /** Newest first. */
  refundsOf(paymentId: string): Refund[]
  recordedAnswer(idempotencyKey: string): RecordedAnswer | undefined
  /** Saves what an operation changed, together with the answer that a repeated call gets. */
  save(changed: Outcome["changed"], answer?: RecordedAnswer): void
}

/** Opens the store with everything that the journal holds. */
export function openPaymentStore(journal: Journal): PaymentStore {
  const payments = new Map<string, Payment>()
  const refunds = new Map<string, Refund>()
  const answers = new Map<string, RecordedAnswer>()
  const apply = ({ payment, refund, answer }: Outcome["changed"] & { readonly answer?: RecordedAnswer }) => {
    if (payment) payments.set(payment.id, payment)
    if (refund) refunds.set(refund.id, refund)
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
    refundsOf: (paymentId) => [...refunds.values()].filter((refund) => refund.paymentId === paymentId).reverse(),
    recordedAnswer: (idempotencyKey) => answers.get(idempotencyKey),
    save(changed, answer) {
      const entry = { ...changed, ...(answer && { answer }) }
      journal.append(entry)
      apply(entry)
    },
  }
}
