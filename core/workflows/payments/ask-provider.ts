import { setTimeout as delay } from "node:timers/promises"
import {
  type Authorisation,
  cancelOrRefund,
  PaymentOutcomeUnknown,
  type ProviderPayment,
} from "../../adapters/payment/provider.ts"
import {
  abandonFailedAttempt,
  type CheckoutNow,
  confirmAuthorised,
  readCheckout,
  recordActionRequired,
  recordAuthorised,
  recordDeclined,
  type Sale,
} from "../../adapters/postgres/checkouts.ts"
import { count, logger } from "../../adapters/telemetry.ts"
import { providerFailed } from "../../domain/checkout.ts"
import type { ProviderDeps, TimedCheckout } from "./payment-deps.ts"

/** A call that runs beside another one of the same attempt reads after this pause whether the other one has an answer. */
const concurrentCallPollMs = 50

/**
 * Asks the provider to hold the money, records the answer, and confirms the hold when it is yes.
 *
 * @returns the sale, or where the checkout stands now @throws ProviderFailure, PostgreSQL's errors
 */
export async function authorisePayment(
  deps: ProviderDeps,
  checkout: TimedCheckout,
  authorisation: Authorisation,
): Promise<Sale | CheckoutNow | undefined> {
  const result = await deps.provider.authorise(authorisation)
  switch (result.kind) {
    case "made":
      return recordPayment(deps, checkout, result.payment)
    case "declined":
      count("payment.declined")
      return recordDeclined(deps.pool, checkout.ids, result.code)
    case "in-progress":
      await delay(concurrentCallPollMs)
      return readCheckout(deps.pool, checkout.ids)
    case "failed":
      return recoverFailedAttempt(deps, checkout)
  }
}

/**
 * Reads where a payment stands at the provider, and records it: its shopper had to confirm it there.
 *
 * @returns the sale, or where the checkout stands now @throws ProviderFailure, PostgreSQL's errors
 */
export async function retrievePayment(
  deps: ProviderDeps,
  checkout: TimedCheckout,
  ref: string,
): Promise<Sale | CheckoutNow | undefined> {
  const payment = await deps.provider.retrieve(ref)
  if (payment === undefined) throw new PaymentOutcomeUnknown("retrieve", "The provider has no payment of this name")
  return recordPayment(deps, checkout, payment)
}

/**
 * Records where a payment stands at the provider. When the provider holds the money and time is left, the hold
 * becomes a sale.
 *
 * @returns the sale, or where the checkout stands now
 * @throws ProviderFailure, also when the provider has not finished with the payment; PostgreSQL's errors
 */
export async function recordPayment(
  { pool, provider }: ProviderDeps,
  { ids, endsAtMs }: TimedCheckout,
  payment: ProviderPayment,
): Promise<Sale | CheckoutNow | undefined> {
  const { ref, status } = payment
  switch (status) {
    case "authorised":
    case "captured":
      return performance.now() < endsAtMs ? confirmAuthorised(pool, ids, ref) : recordAuthorised(pool, ids, ref)
    case "action-required": {
      const facts = await recordActionRequired(pool, ids, ref)
      return facts && { ...facts, actionUrl: payment.actionUrl }
    }
    case "unpaid":
      // The payment is cancelled before the decline is recorded. A crash in between repeats both, and the shopper can confirm
      // nothing later.
      await cancelOrRefund(provider, { attemptId: ids.attemptId, ref })
      count("payment.declined")
      return recordDeclined(pool, ids, payment.code)
    case "void":
      count("payment.declined")
      return recordDeclined(pool, ids, payment.code)
    case "pending":
      throw new PaymentOutcomeUnknown("authorise", status)
  }
}

/**
 * The provider recorded a failure for this attempt and repeats it for every call (ADR 0028). If the provider made the payment all
 * the same, and its search shows it, the checkout continues with that payment. Otherwise the attempt is abandoned, so that
 * another key can pay within the hold. The reconciler then searches for the payment until it must have become visible.
 *
 * @returns the sale, or where the checkout stands now
 */
async function recoverFailedAttempt(deps: ProviderDeps, checkout: TimedCheckout): Promise<Sale | CheckoutNow | undefined> {
  const { ids } = checkout
  const { attemptId, reservationId } = ids
  count("payment.failed")
  const found = await deps.provider.findByAttempt(attemptId)
  if (found !== undefined && found.attemptId === attemptId) return recordPayment(deps, checkout, found)
  logger.warn("The provider recorded a failure for a payment. The attempt is abandoned; another idempotency key can pay", {
    attemptId,
    reservationId,
  })
  return abandonFailedAttempt(deps.pool, ids, providerFailed)
}
