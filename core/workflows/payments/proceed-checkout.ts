import type { Pool } from "pg"
import { giveBack, OutcomeUnknown, type PaymentProvider, type ProviderPayment } from "../../adapters/payment/provider.ts"
import {
  abandonAttempt,
  type CheckoutIds,
  type CheckoutNow,
  confirmReservation,
  noteActionRequired,
  noteAuthorised,
  noteDeclined,
  noteGivenBack,
  readCheckout,
} from "../../adapters/postgres/payments.ts"
import { count, logger } from "../../adapters/telemetry.ts"
import { type CheckoutEnding, type CheckoutStep, nextStep } from "../../domain/checkout.ts"
import { orderIdOf } from "../../domain/ids.ts"
import type { ApplyCommand } from "../allocation/apply-command.ts"

export interface ProceedDeps {
  /** Connections of the checkout role. */
  readonly pool: Pool
  readonly provider: PaymentProvider
  readonly applyCommand: ApplyCommand
  /** Brings a shopper's view up to date. */
  readonly show: (reservationIds: readonly string[]) => Promise<void>
}

/** A checkout that is under way. */
export interface OpenCheckout {
  readonly ids: CheckoutIds
  readonly bodyHash: number
  /** By `performance.now()`; no step is begun after it. */
  readonly endsAtMs: number
}

/** A step for which the provider is asked, or the shopper's request is needed. */
export type AskingStep = Extract<CheckoutStep, { kind: "record" | "authorise" | "inquire" }>

/** What came of a checkout. */
export interface Concluded {
  readonly ending: CheckoutEnding
  /** Whether this call made the sale. */
  readonly created: boolean
  /** Resolves when the shopper's view shows it, or cannot. */
  readonly shown: Promise<void>
}

/**
 * Goes on with a checkout from where it stands, whoever began it: the shopper's call, its repetition, the provider's webhook and the
 * reconciler all come through here. What to do next is read from the database with every step.
 *
 * @param ask carries out what not every caller can; nothing where this one cannot
 * @returns undefined when time is up, or `ask` had nothing to go on with @throws PostgreSQL's errors
 */
export async function proceed(
  deps: ProceedDeps,
  { ids, bodyHash, endsAtMs }: OpenCheckout,
  from: CheckoutNow | undefined,
  ask: (step: AskingStep) => Promise<CheckoutNow | undefined>,
): Promise<Concluded | undefined> {
  const { reservationId, attemptId } = ids
  let created = false
  let shown = Promise.resolve()
  for (let facts = from; facts !== undefined && performance.now() < endsAtMs; ) {
    const step = nextStep(facts, bodyHash)
    switch (step.kind) {
      case "record":
      case "authorise":
      case "inquire":
        facts = await ask(step)
        break
      case "expire":
        await deps.applyCommand(facts.skuNo, { kind: "expire" })
        facts = await readCheckout(deps.pool, ids)
        break
      case "confirm":
        created = (await confirmReservation(deps.pool, { ...ids, orderId: orderIdOf(reservationId) })).made
        if (created) shown = show(deps, ids)
        facts = await readCheckout(deps.pool, ids)
        break
      case "abandon":
        await abandonAttempt(deps.pool, attemptId)
        facts = await readCheckout(deps.pool, ids)
        break
      case "give-back":
        await giveBackOwn(deps, ids, step.ref)
        return { ending: step.ending, created, shown }
      default:
        return { ending: step, created, shown }
    }
  }
  return undefined
}

/**
 * Notes where the provider says that a payment stands. @returns where the checkout stands now
 * @throws ProviderFailure, also when the provider does not know itself yet; PostgreSQL's errors
 */
export async function notePayment(
  { pool, provider }: Pick<ProceedDeps, "pool" | "provider">,
  ids: CheckoutIds,
  payment: ProviderPayment,
): Promise<CheckoutNow | undefined> {
  const { ref, status } = payment
  switch (status) {
    case "authorised":
    case "captured":
      return noteAuthorised(pool, ids, ref)
    case "action-required": {
      const facts = await noteActionRequired(pool, ids, ref)
      return facts && { ...facts, actionUrl: payment.actionUrl }
    }
    case "unpaid":
      // Cancelled before it is noted: a crash in between repeats both, and nothing is left that a shopper could still confirm.
      await giveBack(provider, { attemptId: ids.attemptId, ref })
      count("payment.declined")
      return noteDeclined(pool, ids, payment.code)
    case "void":
      count("payment.declined")
      return noteDeclined(pool, ids, payment.code)
    case "pending":
      throw new OutcomeUnknown("authorise", status)
  }
}

/** The sale is made, whatever Redis says; the event-reactor shows it again. Never throws. */
const show = (deps: ProceedDeps, { reservationId, attemptId }: CheckoutIds): Promise<void> =>
  deps.show([reservationId]).catch((error) => {
    logger.warn("A sale is not shown yet; the event-reactor shows it", {
      orderId: orderIdOf(reservationId),
      reservationId,
      attemptId,
      error,
    })
  })

/** Gives back the payment of an attempt that lost. The shopper has their answer either way: what fails here is the reconciler's. */
async function giveBackOwn(
  { pool, provider }: ProceedDeps,
  { attemptId, reservationId }: CheckoutIds,
  ref: string,
): Promise<void> {
  try {
    await giveBack(provider, { attemptId, ref })
    await noteGivenBack(pool, attemptId, ref)
  } catch (error) {
    logger.warn("A payment that lost is not given back yet; the reconciler tries again", {
      attemptId,
      reservationId,
      error: error as Error,
    })
  }
}
