import { OutcomeUnknown, type PaymentRef } from "../../adapters/payment/provider.ts"
import { readAttempt } from "../../adapters/postgres/known-payments.ts"
import { notePayment, type ProceedDeps, proceed } from "./proceed-checkout.ts"

/** How long one completion goes on: the wait for the provider, one slow answer of it, and what comes after. */
export const completionBudgetMs = 7_500

/**
 * Goes on with the checkout of a payment of which somebody says that something has become of it: the provider's webhook, or our own list
 * of those that are about to be too late. Neither is believed: the provider is asked, and what it says now is what counts. So it does not
 * matter who says so, how often and in which order.
 *
 * @returns `completed` when it came to a sale; `nothing` when there was nothing to go on with, as for a payment that is not ours
 * @throws ProviderFailure, PostgreSQL's errors: say it again
 */
export async function completePayment(
  deps: ProceedDeps,
  { ref, attemptId }: PaymentRef,
  budgetMs = completionBudgetMs,
): Promise<"completed" | "nothing"> {
  const endsAtMs = performance.now() + budgetMs
  const attempt = await readAttempt(deps.pool, attemptId)
  // Most payments are over before anybody hears of them: the provider need not be asked for each.
  if (attempt === undefined || attempt.status === "CONFIRMED" || attempt.status === "DECLINED") return "nothing"
  const payment = await deps.provider.retrieve(ref)
  if (payment?.attemptId !== attemptId) return "nothing"

  const { ids, bodyHash } = attempt
  const facts = await notePayment(deps, ids, payment)
  const concluded = await proceed(deps, { ids, bodyHash, endsAtMs }, facts, async () => undefined)
  if (concluded === undefined && performance.now() >= endsAtMs) throw new OutcomeUnknown("confirm", "Time is up")
  await concluded?.shown
  return concluded?.created ? "completed" : "nothing"
}
