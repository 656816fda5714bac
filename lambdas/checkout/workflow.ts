import { setTimeout as delay } from "node:timers/promises"
import { type Authorisation, OutcomeUnknown, ProviderFailure } from "../../core/adapters/payment/provider.ts"
import { readOrder } from "../../core/adapters/postgres/orders.ts"
import {
  abandonFailedAttempt,
  type CheckoutIds,
  type CheckoutNow,
  noteDeclined,
  readCheckout,
  recordAttempt,
} from "../../core/adapters/postgres/payments.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import type { Order } from "../../core/contracts/http/checkout.ts"
import { problem } from "../../core/contracts/problems.ts"
import { type CheckoutEnding, checkoutHashOf, providerFailed } from "../../core/domain/checkout.ts"
import { attemptIdOf, orderIdOf } from "../../core/domain/ids.ts"
import { isDecided } from "../../core/domain/reservation-view.ts"
import { type AskingStep, notePayment, type ProceedDeps, proceed } from "../../core/workflows/payments/proceed-checkout.ts"
import type { Find, Question } from "../../core/workflows/reservations/find-reservation.ts"
import { decline, providerFailure, refusal, undecided, unknownOutcome } from "./answers.ts"

export interface CheckoutDeps extends ProceedDeps {
  readonly find: Find
}

export interface CheckoutRequest {
  readonly question: Question
  readonly idempotencyKey: string
  readonly paymentMethod: string
}

/** A good answer: the order, and whether this call made it; or the provider's page where the shopper has to go on. */
export type CheckoutAnswer = { readonly order: Order; readonly created: boolean } | { readonly actionUrl: string }

/** How long a checkout goes on: one slow answer of the provider and what comes before and after it. Below every gateway's patience. */
export const checkoutBudgetMs = 8_000
/** How often a call looks whether its twin has heard from the provider. */
const twinPollMs = 50

/**
 * Pays for a hold: records the attempt, has the money authorised, and turns the hold into a sale in PostgreSQL, which decides between
 * payment, expiry and cancel. Repeating a call resumes it, also one whose shopper was sent to the provider.
 *
 * @throws ProblemError for every other ending; PostgreSQL's errors
 */
export async function checkout(deps: CheckoutDeps, request: CheckoutRequest): Promise<CheckoutAnswer> {
  const { id: reservationId, userId } = request.question
  const ids = { reservationId, userId, attemptId: attemptIdOf(reservationId, request.idempotencyKey) }
  const bodyHash = checkoutHashOf(request.paymentMethod)
  const endsAtMs = performance.now() + checkoutBudgetMs

  const ask = (step: AskingStep): Promise<CheckoutNow | undefined> => {
    if (step.kind === "record") return recordAttempt(deps.pool, ids, bodyHash)
    if (step.kind === "inquire") return definitely(ids, inquire(deps, ids, step.ref))
    return definitely(ids, authorise(deps, ids, { ...step.attempt, reservationId, paymentMethod: request.paymentMethod }))
  }
  const concluded = await proceed(deps, { ids, bodyHash, endsAtMs }, await firstFacts(deps, request.question, ids), ask)
  if (concluded === undefined) throw unknownOutcome()
  const [answered] = await Promise.all([answer(deps, ids, concluded.ending), concluded.shown])
  return "actionUrl" in answered ? answered : { ...answered, created: concluded.created }
}

/** Where the checkout stands; read again when the reservation was decided a moment ago. */
async function firstFacts(deps: CheckoutDeps, question: Question, ids: CheckoutIds): Promise<CheckoutNow | undefined> {
  const facts = await readCheckout(deps.pool, ids)
  if (facts !== undefined) return facts
  await expectDecided(deps, question)
  return readCheckout(deps.pool, ids)
}

/** Returns when the reservation was decided a moment ago. @throws ProblemError when it stands in line, or is none of the shopper's */
async function expectDecided({ find }: CheckoutDeps, question: Question): Promise<void> {
  const found = await find(question)
  if (found === undefined) throw problem("reservation-not-found")
  if (!isDecided(found.view)) throw undecided()
  // A record that was put aside is refused without a row.
  if (found.view.status === "REFUSED") throw refusal("invalid")
}

/** Asks the provider for the money and notes what it said. @returns where the checkout stands now */
async function authorise(deps: CheckoutDeps, ids: CheckoutIds, authorisation: Authorisation): Promise<CheckoutNow | undefined> {
  const result = await deps.provider.authorise(authorisation)
  switch (result.kind) {
    case "made":
      return notePayment(deps, ids, result.payment)
    case "declined":
      count("payment.declined")
      return noteDeclined(deps.pool, ids, result.code)
    case "in-progress":
      await delay(twinPollMs)
      return readCheckout(deps.pool, ids)
    case "failed":
      return goOnAfterFailure(deps, ids)
  }
}

/**
 * The provider says nothing to this attempt but that it failed (ADR 0028). If it made the payment all the same, and its search shows it, the
 * checkout goes on with that. Otherwise the attempt is given up, so that another key can pay within the hold, and the reconciler looks for its
 * payment until one would have become visible. @returns where the checkout stands now
 */
async function goOnAfterFailure(deps: CheckoutDeps, ids: CheckoutIds): Promise<CheckoutNow | undefined> {
  const { attemptId, reservationId } = ids
  count("payment.failed")
  const found = await deps.provider.findByAttempt(attemptId)
  if (found !== undefined && found.attemptId === attemptId) return notePayment(deps, ids, found)
  logger.warn("The provider recorded a failure for a payment; it is given up, and another key can pay", {
    attemptId,
    reservationId,
  })
  return abandonFailedAttempt(deps.pool, ids, providerFailed)
}

/** Asks what has become of a payment whose shopper was sent to the provider, and notes it. @returns where the checkout stands now */
async function inquire(deps: CheckoutDeps, ids: CheckoutIds, ref: string): Promise<CheckoutNow | undefined> {
  const payment = await deps.provider.retrieve(ref)
  if (payment === undefined) throw new OutcomeUnknown("retrieve", "The payment is gone")
  return notePayment(deps, ids, payment)
}

/** What the provider leaves open, refuses or does not take now is answered as such; the attempt stays open and the hold stays. */
async function definitely<Result>({ attemptId, reservationId }: CheckoutIds, asked: Promise<Result>): Promise<Result> {
  try {
    return await asked
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    count("payment.failed")
    logger.warn("A payment could not be made now; its shopper repeats it with the same key", { attemptId, reservationId, error })
    throw providerFailure(error)
  }
}

async function answer(
  { pool }: CheckoutDeps,
  ids: CheckoutIds,
  ending: CheckoutEnding,
): Promise<{ order: Order } | { actionUrl: string }> {
  switch (ending.kind) {
    case "refuse":
      throw refusal(ending.reason)
    case "declined":
      throw decline(ending.code)
    case "action-required":
      return { actionUrl: ending.url }
    case "order": {
      const order = await readOrder(pool, orderIdOf(ids.reservationId), ids.userId)
      if (order === undefined) throw new Error(`Reservation ${ids.reservationId} is confirmed, but has no order`)
      return { order }
    }
  }
}
