import { cancelOrRefund } from "../../adapters/payment/provider.ts"
import { providerTimeoutMs } from "../../adapters/payment/stripe.ts"
import { type EndingPayment, readEndingPayments } from "../../adapters/postgres/known-payments.ts"
import { clearRetries, type Pauses, readSetAside, setAside } from "../../adapters/postgres/payment-retries.ts"
import {
  type AbandonedAttempt,
  abandonEndedAttempts,
  readUncapturedOrders,
  readUnsettledAttempts,
  recordGivenBack,
} from "../../adapters/postgres/payments.ts"
import { readFailingRefunds } from "../../adapters/postgres/refunds.ts"
import { logger, record } from "../../adapters/telemetry.ts"
import { mapInParallel } from "../../concurrency/parallel.ts"
import { captureOrSetAside, retryPauses } from "./capture-payment.ts"
import { completePayment } from "./complete-payment.ts"
import type { CaptureDeps, ProceedDeps, ProviderDeps } from "./payment-deps.ts"
import { reconcileRefunds } from "./reconcile-refunds.ts"

/** Limits of one call. The sweeper calls every few seconds. */
const maxAttemptsPerCall = 50
const maxEndingPerCall = 100
const maxCapturesPerCall = 50
const maxParallelMoves = 4
/** A hold that is about to end cannot wait as long as money that is to be captured or released. */
const maxParallelCompletions = 16
/** No work begins after this time, so that a provider that does not answer does not delay the sweeper. */
const callBudgetMs = 2_000
/** Payments whose hold is about to end come first, and leave half of the time to the rest. */
const endingBudgetMs = 1_000

/** The event-reactor captures an order within seconds of its event. The reconciler captures an order only after this time. */
export const captureGraceSeconds = 30

/**
 * No new authorisation begins for an abandoned attempt, and one that began before ends with the provider's timeout. The margin
 * covers a function that was frozen in between, and the provider's search, which shows a payment within a minute.
 */
const visibilityMarginMs = 180_000
export const visibleAfterSeconds = (providerTimeoutMs + visibilityMarginMs) / 1_000

/**
 * When a hold has no more than this left, the reconciler asks the provider about its payment. So a webhook that was lost costs no
 * shopper their units. The time is some calls of the sweeper long. An earlier question would cost the provider one call more for
 * each payment.
 */
export const askBeforeEndSeconds = 20

/** Every call asks about a hold that is about to end. A payment that was asked about moves behind those that were not. */
const endingPauses: Pauses = { firstSeconds: 0, longestSeconds: 0 }
/** For a payment that the provider's search does not show yet. It shows a payment within a minute. */
const searchPauses: Pauses = { firstSeconds: 5, longestSeconds: 30 }

/** What a call did. */
export interface Reconciled {
  /**
   * Checkouts that became a sale here: their payment was authorised, and neither a webhook nor a shopper's call completed them.
   */
  readonly completed: number
  readonly abandoned: number
  /** Abandoned attempts of which the provider holds no money any more. */
  readonly settled: number
  /** Orders that became PAID or FAILED, or needed no capture any more. */
  readonly captured: number
  /** Refunds about which the provider gave a definite answer. */
  readonly refunded: number
}

type Deps = CaptureDeps & ProceedDeps

/**
 * Leaves no payment without an order and no order without its payment, after crashes and lost answers, too. (1) Completes
 * payments before their hold ends: their shopper had to confirm them, or the call that authorised them died. (2) Abandons
 * attempts whose hold has ended, commits that, and only then cancels their payments. It finds a payment whose answer was lost by
 * its metadata. (3) Captures orders that were not captured, or that were set aside. (4) Finishes refunds. (2), (3) and (4) run in
 * parallel, so that none waits for the others.
 *
 * Work that fails moves behind other work, with a pause that doubles (payment_retries). So payments that fail again and again do
 * not keep others from their turn. Several sweepers may run at once: an attempt is abandoned once, and the provider does each
 * thing once.
 *
 * @throws PostgreSQL's errors. A failure at the provider is logged, and a later call tries again.
 */
export async function reconcilePayments(deps: Deps): Promise<Reconciled> {
  const { pool } = deps
  const endsAtMs = performance.now() + callBudgetMs
  const timeLeftMs = () => endsAtMs - performance.now()
  const endingTimeLeftMs = () => timeLeftMs() - (callBudgetMs - endingBudgetMs)
  const ending = await readEndingPayments(pool, askBeforeEndSeconds, maxEndingPerCall)
  const abandoned = await abandonEndedAttempts(pool, maxAttemptsPerCall)
  const unsettled = await readUnsettledAttempts(pool, visibleAfterSeconds, maxAttemptsPerCall)
  const orders = await readUncapturedOrders(pool, captureGraceSeconds, maxCapturesPerCall)

  const completed = await completeAll(deps, ending, endingTimeLeftMs)
  const attempts = new Map([...abandoned, ...unsettled].map((attempt) => [attempt.attemptId, attempt]))
  const [settled, captured, refunded] = await Promise.all([
    mapInParallel([...attempts.values()], maxParallelMoves, (attempt) => settleOrSetAside(deps, attempt), timeLeftMs),
    mapInParallel(orders, maxParallelMoves, (orderId) => captureOrSetAside(deps, orderId), timeLeftMs),
    reconcileRefunds(deps, timeLeftMs),
  ])
  await clearRetries(pool)
  await measureSetAside(deps)
  return {
    completed: completed.filter((outcome) => outcome === "completed").length,
    abandoned: abandoned.length,
    settled: settled.filter((done) => done).length,
    captured: captured.filter((done) => done !== "set-aside").length,
    refunded,
  }
}

/** Completes payments whose hold is about to end, and records which of them the provider was asked about. */
async function completeAll(deps: Deps, ending: readonly EndingPayment[], timeLeftMs: () => number) {
  const asked: string[] = []
  const completed = await mapInParallel(
    ending,
    maxParallelCompletions,
    async (payment) => {
      const { attemptId, reservationId } = payment
      asked.push(attemptId)
      try {
        return await completePayment(deps, payment)
      } catch (error) {
        logger.warn("A payment whose hold is about to end could not be completed; the next call tries again", {
          attemptId,
          reservationId,
          error: error as Error,
        })
        return undefined
      }
    },
    timeLeftMs,
  )
  await setAside(deps.pool, "complete", asked, endingPauses)
  return completed
}

/**
 * Cancels the payment of an abandoned attempt, or sets the attempt aside. @returns true when the provider can hold no money of it
 */
async function settleOrSetAside(deps: ProviderDeps, attempt: AbandonedAttempt): Promise<boolean> {
  const { attemptId, reservationId } = attempt
  try {
    const isSettled = await settleAbandoned(deps, attempt)
    if (!isSettled) await setAside(deps.pool, "give-back", [attemptId], searchPauses)
    return isSettled
  } catch (error) {
    await setAside(deps.pool, "give-back", [attemptId], retryPauses, error)
    logger.warn("The payment of an abandoned attempt could not be cancelled; it is set aside and tried again", {
      attemptId,
      reservationId,
      error: error as Error,
    })
    return false
  }
}

/** @returns false when the payment may still become visible in the provider's search */
async function settleAbandoned({ pool, provider }: ProviderDeps, attempt: AbandonedAttempt): Promise<boolean> {
  const { attemptId, providerRef, lastLook } = attempt
  const found = providerRef === undefined ? await provider.findByAttempt(attemptId) : { ref: providerRef, status: "authorised" }
  if (found === undefined && !lastLook) return false
  if (found && found.status !== "void") await cancelOrRefund(provider, { attemptId, ref: found.ref })
  await recordGivenBack(pool, attemptId, found?.ref)
  return true
}

/** Measures how many payments are set aside after a failure, and for how long. */
async function measureSetAside({ pool }: ProviderDeps): Promise<void> {
  const [{ payments, ageMs }, failing] = [await readSetAside(pool), await readFailingRefunds(pool)]
  record("payment.set-aside", payments + failing.refunds)
  record("payment.set-aside.age", Math.max(ageMs, failing.ageMs))
}
