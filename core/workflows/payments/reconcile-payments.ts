import { giveBack } from "../../adapters/payment/provider.ts"
import { providerTimeoutMs } from "../../adapters/payment/stripe.ts"
import { type EndingPayment, readEndingPayments } from "../../adapters/postgres/known-payments.ts"
import { clearRetries, type Pauses, readSetAside, setAside } from "../../adapters/postgres/payment-retries.ts"
import {
  type AbandonedAttempt,
  abandonEndedAttempts,
  noteGivenBack,
  readUncapturedOrders,
  readUnsettledAttempts,
} from "../../adapters/postgres/payments.ts"
import { logger, record } from "../../adapters/telemetry.ts"
import { mapInParallel } from "../../concurrency/parallel.ts"
import { type CaptureDeps, captureOrSetAside, retryPauses } from "./capture-payment.ts"
import { completePayment } from "./complete-payment.ts"
import type { ProceedDeps } from "./proceed-checkout.ts"

/** Work of one call; the sweeper calls every few seconds. */
const maxAttemptsPerCall = 50
const maxEndingPerCall = 100
const maxCapturesPerCall = 50
const widthOfCalls = 4
/** A hold that is about to end does not wait for its turn as long as money that is to be moved. */
const widthOfEnding = 16
/** No work is begun after this, so that a provider that hangs does not hold up the sweeper. */
const callBudgetMs = 2_000
/** What is about to be too late comes first, and leaves half of the time to the rest. */
const endingBudgetMs = 1_000

/** The event-reactor captures within seconds of the event; this is the net below it. */
export const captureGraceSeconds = 30

/**
 * Once an attempt is abandoned nobody begins to authorise it. What was begun before has ended after the provider's timeout; the margin is for
 * a function that stood still in between and for the provider's search, which shows a payment within a minute.
 */
const visibilityMarginMs = 180_000
export const visibleAfterSeconds = (providerTimeoutMs + visibilityMarginMs) / 1_000

/**
 * When a hold has no more than this left, the provider is asked about its payment: a webhook that got lost then costs nobody their units.
 * Some calls of the sweeper long; asking earlier and more often would cost the provider a call each time.
 */
export const lastCallSeconds = 20

/** A hold that is about to end is asked about with every call; what was asked about moves behind what was not. */
const endingPauses: Pauses = { firstSeconds: 0, longestSeconds: 0 }
/** A payment that the provider's search does not show yet: it shows within a minute. */
const searchPauses: Pauses = { firstSeconds: 5, longestSeconds: 30 }

/** What a call did. */
export interface Reconciled {
  /** Payments that had come to their end, and nobody had told us or gone on with them. */
  readonly completed: number
  readonly abandoned: number
  /** Abandoned attempts of which nothing is left with the provider. */
  readonly settled: number
  /** Orders whose capture was decided. */
  readonly captured: number
}

type Deps = CaptureDeps & ProceedDeps

/**
 * Leaves no payment without an order and no order without its payment, whatever crashed in between or got lost. (1) Payments that wait for
 * their shopper, or whose money is held by a call that died, are asked for before their hold ends. (2) Attempts whose hold has ended are
 * abandoned, committed, and only then given back, found by their metadata when the provider's answer was lost. (3) Orders that nobody captured,
 * or that were set aside, are captured; (2) and (3) side by side, so that neither waits for the other.
 *
 * What fails moves behind what is due, with a pause that doubles (payment_retries): no number of stuck payments hides another one. Several
 * sweepers at once do no harm: attempts are abandoned once, and the provider does each thing once.
 *
 * @throws PostgreSQL's errors; what fails with the provider is logged and is a later call's work
 */
export async function reconcilePayments(deps: Deps): Promise<Reconciled> {
  const { pool } = deps
  const endsAtMs = performance.now() + callBudgetMs
  const timeLeftMs = () => endsAtMs - performance.now()
  const endingTimeLeftMs = () => timeLeftMs() - (callBudgetMs - endingBudgetMs)
  const ending = await readEndingPayments(pool, lastCallSeconds, maxEndingPerCall)
  const abandoned = await abandonEndedAttempts(pool, maxAttemptsPerCall)
  const unsettled = await readUnsettledAttempts(pool, visibleAfterSeconds, maxAttemptsPerCall)
  const orders = await readUncapturedOrders(pool, captureGraceSeconds, maxCapturesPerCall)

  const completed = await completeAll(deps, ending, endingTimeLeftMs)
  const attempts = new Map([...abandoned, ...unsettled].map((attempt) => [attempt.attemptId, attempt]))
  const [settled, captured] = await Promise.all([
    mapInParallel([...attempts.values()], widthOfCalls, (attempt) => settleOrSetAside(deps, attempt), timeLeftMs),
    mapInParallel(orders, widthOfCalls, (orderId) => captureOrSetAside(deps, orderId), timeLeftMs),
  ])
  await clearRetries(pool)
  await observe(deps)
  return {
    completed: completed.filter((outcome) => outcome === "completed").length,
    abandoned: abandoned.length,
    settled: settled.filter((done) => done).length,
    captured: captured.filter((done) => done !== "set-aside").length,
  }
}

/** Asks what has become of payments whose hold is about to end, and goes on with them; notes which were asked about. */
async function completeAll(deps: Deps, ending: readonly EndingPayment[], timeLeftMs: () => number) {
  const asked: string[] = []
  const completed = await mapInParallel(
    ending,
    widthOfEnding,
    async (payment) => {
      const { attemptId, reservationId } = payment
      asked.push(attemptId)
      try {
        return await completePayment(deps, payment)
      } catch (error) {
        logger.warn("A payment whose hold is about to end could not be completed; it is tried again", {
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

/** Gives back what an abandoned attempt may hold. @returns true once nothing can be left; otherwise it is set aside */
async function settleOrSetAside(deps: CaptureDeps, attempt: AbandonedAttempt): Promise<boolean> {
  const { attemptId, reservationId } = attempt
  try {
    const isSettled = await settleAbandoned(deps, attempt)
    if (!isSettled) await setAside(deps.pool, "give-back", [attemptId], searchPauses)
    return isSettled
  } catch (error) {
    await setAside(deps.pool, "give-back", [attemptId], retryPauses, error)
    logger.warn("An abandoned payment could not be given back; it is set aside and tried again", {
      attemptId,
      reservationId,
      error: error as Error,
    })
    return false
  }
}

async function settleAbandoned({ pool, provider }: CaptureDeps, attempt: AbandonedAttempt): Promise<boolean> {
  const { attemptId, providerRef, lastLook } = attempt
  const found = providerRef === undefined ? await provider.findByAttempt(attemptId) : { ref: providerRef, status: "authorised" }
  if (found === undefined && !lastLook) return false
  if (found && found.status !== "void") await giveBack(provider, { attemptId, ref: found.ref })
  await noteGivenBack(pool, attemptId, found?.ref)
  return true
}

/** Measures how much money is not where it belongs, and for how long. */
async function observe({ pool }: Deps): Promise<void> {
  const { payments, ageMs } = await readSetAside(pool)
  record("payment.set-aside", payments)
  record("payment.set-aside.age", ageMs)
}
