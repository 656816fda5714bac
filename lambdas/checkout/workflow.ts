import { setTimeout as delay } from "node:timers/promises"
import type { Pool } from "pg"
import { type Authorisation, giveBack, OutcomeUnknown, type PaymentProvider } from "../../core/adapters/payment/provider.ts"
import { readOrder } from "../../core/adapters/postgres/orders.ts"
import {
  abandonAttempt,
  type CheckoutIds,
  type CheckoutNow,
  confirmReservation,
  noteAuthorised,
  noteDeclined,
  noteGivenBack,
  readCheckout,
  recordAttempt,
} from "../../core/adapters/postgres/payments.ts"
import { isDecided } from "../../core/adapters/seen-reservation.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import type { Order } from "../../core/contracts/http/checkout.ts"
import { problem } from "../../core/contracts/problems.ts"
import { authenticationRequired, type CheckoutEnding, checkoutHashOf, nextStep } from "../../core/domain/checkout.ts"
import { attemptIdOf, orderIdOf } from "../../core/domain/ids.ts"
import type { Find, Question } from "../../core/workflows/find-reservation.ts"
import type { Settle } from "../../core/workflows/settle.ts"
import { decline, refusal, undecided, unknownOutcome } from "./answers.ts"

export interface CheckoutDeps {
  /** Connections of the checkout role. */
  readonly pool: Pool
  readonly provider: PaymentProvider
  readonly find: Find
  readonly settle: Settle
  /** Brings a shopper's view up to date. */
  readonly show: (reservationIds: readonly string[]) => Promise<void>
}

export interface CheckoutRequest {
  readonly question: Question
  readonly idempotencyKey: string
  readonly paymentMethod: string
}

/** How long a checkout goes on: one slow answer of the provider and what comes before and after it. Below every gateway's patience. */
export const checkoutBudgetMs = 8_000
/** How often a call looks whether its twin has heard from the provider. */
const twinPollMs = 50

/**
 * Pays for a hold: records the attempt, has the money authorised, and turns the hold into a sale in PostgreSQL, which decides between
 * payment, expiry and cancel. What to do next is read from the database with every step, so that repeating a call resumes it.
 *
 * @returns the order; `created` tells whether this call made it
 * @throws ProblemError for every other ending; PostgreSQL's errors
 */
export async function checkout(deps: CheckoutDeps, request: CheckoutRequest): Promise<{ order: Order; created: boolean }> {
  const { id: reservationId, userId } = request.question
  const ids = { reservationId, userId, attemptId: attemptIdOf(reservationId, request.idempotencyKey) }
  const bodyHash = checkoutHashOf(request.paymentMethod)
  const endsAtMs = performance.now() + checkoutBudgetMs
  let created = false
  let shown: Promise<void> | undefined
  const answered = async (ending: CheckoutEnding) => {
    const [order] = await Promise.all([answer(deps, ids, ending), shown])
    return { order, created }
  }

  for (let facts = await readCheckout(deps.pool, ids); performance.now() < endsAtMs; ) {
    if (facts === undefined) {
      await expectDecided(deps, request.question)
      facts = await readCheckout(deps.pool, ids)
      continue
    }
    const step = nextStep(facts, bodyHash)
    switch (step.kind) {
      case "expire":
        await deps.settle(facts.skuNo, { kind: "expire" })
        facts = await readCheckout(deps.pool, ids)
        break
      case "record":
        facts = await recordAttempt(deps.pool, ids, bodyHash)
        break
      case "authorise":
        facts = await authorise(deps, ids, { ...step.attempt, reservationId, paymentMethod: request.paymentMethod })
        break
      case "confirm":
        created = (await confirmReservation(deps.pool, { ...ids, orderId: orderIdOf(reservationId) })) === "confirmed"
        if (created) shown = show(deps, reservationId)
        facts = await readCheckout(deps.pool, ids)
        break
      case "abandon":
        await abandonAttempt(deps.pool, ids.attemptId)
        facts = await readCheckout(deps.pool, ids)
        break
      case "give-back":
        await giveBackOwn(deps, ids.attemptId, step.ref)
        return answered(step.ending)
      default:
        return answered(step)
    }
  }
  throw unknownOutcome()
}

/** Returns when the reservation was decided a moment ago. @throws ProblemError when it stands in line, or is none of the shopper's */
async function expectDecided({ find }: CheckoutDeps, question: Question): Promise<void> {
  const found = await find(question)
  if (found === undefined) throw problem("reservation-not-found")
  if (!isDecided(found.seen)) throw undecided()
  // A record that was put aside is refused without a row.
  if (found.seen.status === "REFUSED") throw refusal("invalid")
}

/** Asks the provider for the money and notes what it said. @returns where the checkout stands now */
async function authorise(
  { pool, provider }: CheckoutDeps,
  ids: CheckoutIds,
  authorisation: Authorisation,
): Promise<CheckoutNow | undefined> {
  const { attemptId } = ids
  try {
    const result = await provider.authorise(authorisation)
    switch (result.kind) {
      case "authorised":
        return await noteAuthorised(pool, ids, result.ref)
      case "declined":
        count("payment.declined")
        return await noteDeclined(pool, ids, result.code)
      case "action-required":
        // Cancelled before it is noted: a crash in between repeats both, and nothing is left that a shopper could still confirm.
        await giveBack(provider, { attemptId, ref: result.ref })
        return await noteDeclined(pool, ids, authenticationRequired)
      case "in-progress":
        await delay(twinPollMs)
        return await readCheckout(pool, ids)
    }
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error
    count("payment.failed")
    throw unknownOutcome(error)
  }
}

/** The sale is made, whatever Redis says; the event-reactor shows it again. Never throws. */
const show = (deps: CheckoutDeps, reservationId: string): Promise<void> =>
  deps.show([reservationId]).catch((error) => logger.warn("A sale is not shown yet", { error }))

/** Gives back the payment of an attempt that lost. The shopper has his answer either way: what fails here is the reconciler's. */
async function giveBackOwn({ pool, provider }: CheckoutDeps, attemptId: string, ref: string): Promise<void> {
  try {
    await giveBack(provider, { attemptId, ref })
    await noteGivenBack(pool, attemptId, ref)
  } catch (error) {
    logger.warn("A payment that lost was not given back yet", { attemptId, error: error as Error })
  }
}

async function answer({ pool }: CheckoutDeps, ids: CheckoutIds, ending: CheckoutEnding): Promise<Order> {
  switch (ending.kind) {
    case "refuse":
      throw refusal(ending.reason)
    case "declined":
      throw decline(ending.code)
    case "order": {
      const order = await readOrder(pool, orderIdOf(ids.reservationId), ids.userId)
      if (order === undefined) throw new Error(`Reservation ${ids.reservationId} is confirmed, but has no order`)
      return order
    }
  }
}
