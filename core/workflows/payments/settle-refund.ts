import { ProviderFailure, type ProviderRefund } from "../../adapters/payment/provider.ts"
import type { Pauses } from "../../adapters/postgres/payment-retries.ts"
import { type RefundRecord, readRefund, recordAnswer } from "../../adapters/postgres/refunds.ts"
import { count, logger } from "../../adapters/telemetry.ts"
import type { RefundOutcome } from "../../domain/refunds.ts"
import { retryPauses } from "./capture-payment.ts"
import type { CaptureDeps } from "./payment-deps.ts"

/** Points between the steps of a refund at which a test may end a process. */
export type RefundPoint = "recorded" | "answered" | "settled"

/** What a refund needs. The pool may be of any role that writes refunds. */
export interface RefundDeps extends CaptureDeps {
  readonly reach?: (point: RefundPoint) => Promise<void> | void
}

/** Pauses while the provider has not finished with a refund or a dispute, which may take days. */
const pendingPauses: Pauses = { firstSeconds: 30, longestSeconds: 3_600 }

/**
 * Asks the provider for a refund that is recorded, and settles it when the provider has an answer: the order, the units and the
 * ledger change in one transaction, after the money went back and never before.
 *
 * @param isFirstTry the provider was certainly not asked before; otherwise its refunds are read before it is asked again
 * @throws ProviderFailure when there is no definite answer: it is recorded, and the reconciler asks again. PostgreSQL's errors
 */
export async function askForRefund(deps: RefundDeps, refund: RefundRecord, isFirstTry: boolean): Promise<void> {
  try {
    const found = isFirstTry ? undefined : await find(deps, refund)
    if (found !== undefined) return await settle(deps, refund, found)
    if (refund.origin !== "operator") throw new Error(`The provider has no refund of the name that refund ${refund.refundId} has`)
    const { refundId, attemptId, paymentRef: ref, amountMinor } = refund
    const result = await deps.provider.requestRefund({ refundId, attemptId, ref, amountMinor })
    await deps.reach?.("answered")
    if (result.kind === "made") return await settle(deps, refund, result.refund)
    await applyOutcome(deps, refund, { as: "failed", failureCode: result.code })
  } catch (error) {
    await recordAnswer(deps.pool, refund.refundId, { state: "UNKNOWN", error }, retryPauses)
    if (error instanceof ProviderFailure) count("payment.failed")
    throw error
  }
}

async function find({ provider }: RefundDeps, refund: RefundRecord): Promise<ProviderRefund | undefined> {
  const found = await provider.refundsOf(refund.paymentRef)
  return found.find(({ ref, refundId }) => ref === refund.ref || refundId === refund.refundId)
}

/**
 * Brings a refund to the state that it has at the provider. A repeated and a concurrent call change nothing more.
 *
 * @throws PostgreSQL's errors: the caller tries again
 */
export async function settle(deps: RefundDeps, refund: RefundRecord, { ref, status, code }: ProviderRefund): Promise<void> {
  const { refundId, state } = refund
  if ((status === "succeeded" && state === "SUCCEEDED") || state === "FAILED") return
  // The name of the refund is kept first: a process that dies here leaves a refund that the reconciler finds by it.
  if (state !== "SUCCEEDED") await recordAnswer(deps.pool, refundId, { state: "PENDING", ref }, pendingPauses)
  if (status === "pending") return
  await applyOutcome(
    deps,
    refund,
    status === "succeeded" ? { as: "succeeded" } : { as: "failed", failureCode: code ?? "not-told" },
  )
}

async function applyOutcome(deps: RefundDeps, refund: RefundRecord, outcome: RefundOutcome): Promise<void> {
  const { refundId, orderId, skuNo, origin } = refund
  const { refused } = await deps.applyCommand(skuNo, { kind: "refund", orderId, refundId, ...outcome })
  await deps.reach?.("settled")
  // Another call settled it.
  if (refused !== undefined) return
  const about = { orderId, refundId, ...(outcome.as === "failed" && { code: outcome.failureCode }) }
  const isSettled = outcome.as === "succeeded" && (await readRefund(deps.pool, refundId))?.state === "SUCCEEDED"
  if (isSettled) return logger.info("Money of an order went back to its shopper; the order shows it", about)
  // A dispute that ended for the shop is no failure: its money stays where it is.
  if (origin === "dispute" && outcome.as === "failed")
    return logger.info("A dispute ended for the shop; its order stays as it is", about)
  count("refund.failed")
  logger.error(
    outcome.as === "failed"
      ? "A refund failed: its money did not reach the shopper. An operator has to decide what happens next"
      : "More money of an order went back than was captured. The order does not count it; an operator has to look",
    about,
  )
}
