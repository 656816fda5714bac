import { giveBack } from "../adapters/payment/provider.ts"
import { providerTimeoutMs } from "../adapters/payment/stripe.ts"
import { readEndingPayments } from "../adapters/postgres/known-payments.ts"
import {
  type AbandonedAttempt,
  abandonEndedAttempts,
  noteGivenBack,
  readUncapturedOrders,
  readUnsettledAttempts,
} from "../adapters/postgres/payments.ts"
import { logger } from "../adapters/telemetry.ts"
import { type CaptureDeps, capturePayment } from "./capture-payment.ts"
import { completePayment } from "./complete-payment.ts"
import { inParallel } from "./in-parallel.ts"
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
 * When a hold has no more than this left, the provider is asked about its payment: a webhook that got lost then costs nobody his units.
 * Some calls of the sweeper long; asking earlier and more often would cost the provider a call each time.
 */
export const lastCallSeconds = 20

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

/**
 * Leaves no payment without an order and no order without its payment, whatever crashed in between or got lost. (1) Payments that wait for
 * their shopper, or for whoever held the money and died, are asked for before their hold ends. (2) Attempts whose hold has ended are abandoned, committed, and only then given
 * back, found by their metadata when the provider's answer was lost. (3) Orders that nobody captured are captured. Several sweepers at once
 * do no harm: attempts are abandoned once, and the provider does each thing once.
 *
 * @throws PostgreSQL's errors; what fails with the provider is logged and is the next call's work
 */
export async function reconcilePayments(deps: CaptureDeps & ProceedDeps): Promise<Reconciled> {
  const endsAtMs = performance.now() + callBudgetMs
  const timeLeftMs = () => endsAtMs - performance.now()
  const endingTimeLeftMs = () => timeLeftMs() - (callBudgetMs - endingBudgetMs)
  const ending = await readEndingPayments(deps.pool, lastCallSeconds, maxEndingPerCall)
  const abandoned = await abandonEndedAttempts(deps.pool, maxAttemptsPerCall)
  const unsettled = await readUnsettledAttempts(deps.pool, visibleAfterSeconds, maxAttemptsPerCall)
  const orders = await readUncapturedOrders(deps.pool, captureGraceSeconds, maxCapturesPerCall)

  const completed = await inParallel(
    ending,
    widthOfEnding,
    attempted((payment) => completePayment(deps, payment)),
    endingTimeLeftMs,
  )
  const attempts = new Map([...abandoned, ...unsettled].map((attempt) => [attempt.attemptId, attempt]))
  const settled = await inParallel([...attempts.values()], widthOfCalls, attempted(settleAbandoned(deps)), timeLeftMs)
  const captured = await inParallel(
    orders,
    widthOfCalls,
    attempted((id) => capturePayment(deps, id)),
    timeLeftMs,
  )
  return {
    completed: completed.filter((outcome) => outcome === "completed").length,
    abandoned: abandoned.length,
    settled: settled.filter((done) => done === true).length,
    captured: captured.filter((done) => done !== undefined).length,
  }
}

/** Gives back what an abandoned attempt may hold. Resolves to true once nothing can be left. */
const settleAbandoned =
  ({ pool, provider }: CaptureDeps) =>
  async ({ attemptId, providerRef, lastLook }: AbandonedAttempt): Promise<boolean> => {
    const found = providerRef === undefined ? await provider.findByAttempt(attemptId) : { ref: providerRef, status: "authorised" }
    if (found === undefined && !lastLook) return false
    if (found && found.status !== "void") await giveBack(provider, { attemptId, ref: found.ref })
    await noteGivenBack(pool, attemptId, found?.ref)
    return true
  }

/** One payment that cannot be settled now must not keep the others from it. */
const attempted =
  <Item, Result>(work: (item: Item) => Promise<Result>) =>
  async (item: Item): Promise<Result | undefined> => {
    try {
      return await work(item)
    } catch (error) {
      logger.warn("A payment could not be reconciled now and is tried again", { error: error as Error })
      return undefined
    }
  }
