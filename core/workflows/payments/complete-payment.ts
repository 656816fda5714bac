import { PaymentOutcomeUnknown, type PaymentRef } from "../../adapters/payment/provider.ts"
import { readAttempt } from "../../adapters/postgres/known-payments.ts"
import { recordPayment } from "./ask-provider.ts"
import type { ProceedDeps } from "./payment-deps.ts"
import { proceedCheckout } from "./proceed-checkout.ts"

/** Time of one completion: the wait for a turn at the provider, one slow answer, and what comes after. */
export const completionBudgetMs = 7_500

/**
 * Continues the checkout of a payment whose state may have changed at the provider. The provider's webhook says so, or the
 * reconciler, whose list holds the payments whose hold is about to end. Neither counts as proof: this function asks the provider,
 * and its present answer counts. So the sender, the number and the order of such calls do not matter.
 *
 * @returns `completed` when this call made the sale; `nothing` when there was nothing to continue, as for a payment that is not
 * ours
 * @throws ProviderFailure, PostgreSQL's errors: the caller tries again
 */
export async function completePayment(
  deps: ProceedDeps,
  { ref, attemptId }: PaymentRef,
  budgetMs = completionBudgetMs,
): Promise<"completed" | "nothing"> {
  const endsAtMs = performance.now() + budgetMs
  const attempt = await readAttempt(deps.pool, attemptId)
  // Most payments are over before their webhook arrives. The provider is not asked about them.
  if (attempt === undefined || attempt.status === "CONFIRMED" || attempt.status === "DECLINED") return "nothing"
  const payment = await deps.provider.retrieve(ref)
  if (payment?.attemptId !== attemptId) return "nothing"

  const { ids, bodyHash } = attempt
  const concluded = await proceedCheckout(
    deps,
    { ids, bodyHash, endsAtMs },
    await recordPayment(deps, { ids, endsAtMs }, payment),
  )
  if (concluded === undefined && performance.now() >= endsAtMs) throw new PaymentOutcomeUnknown("confirm", "Time is up")
  await concluded?.shown
  return concluded?.created ? "completed" : "nothing"
}
