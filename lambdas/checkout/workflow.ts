import { PaymentOutcomeUnknown, ProviderFailure } from "../../core/adapters/payment/provider.ts"
import { type CheckoutIds, type CheckoutNow, openCheckout } from "../../core/adapters/postgres/checkouts.ts"
import { readOrder } from "../../core/adapters/postgres/orders.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import type { Order } from "../../core/contracts/http/checkout.ts"
import { type CheckoutEnding, checkoutHashOf } from "../../core/domain/checkout.ts"
import { attemptIdOf, orderIdOf } from "../../core/domain/ids.ts"
import { isDecided } from "../../core/domain/reservation-view.ts"
import type { ProceedDeps } from "../../core/workflows/payments/payment-deps.ts"
import { type Concluded, type OpenCheckout, proceedCheckout } from "../../core/workflows/payments/proceed-checkout.ts"
import type { Find, Question } from "../../core/workflows/reservations/find-reservation.ts"

export interface CheckoutDeps extends ProceedDeps {
  readonly find: Find
}

export interface CheckoutRequest {
  readonly question: Question
  readonly idempotencyKey: string
  readonly paymentMethod: string
  /** Where the shopper comes from, on a stage that has no address of its own. */
  readonly returnUrl?: string | undefined
}

/** How a call ended. The provider's failures are thrown instead. */
export type CheckoutResult =
  | { readonly kind: "order"; readonly order: Order; readonly created: boolean }
  | Exclude<CheckoutEnding, { kind: "order" }>
  | Unpayable

/** Why there is nothing to pay for: the shopper has no such reservation, or its request is still in the queue. */
type Unpayable =
  | { readonly kind: "not-found" }
  | { readonly kind: "queued" }
  | { readonly kind: "refuse"; readonly reason: "invalid" | "request-lost" }

/**
 * Time of one checkout: one slow answer of the provider, and what comes before and after it. Shorter than the time of every
 * gateway.
 */
export const checkoutBudgetMs = 8_000

/**
 * Pays for a hold: records the attempt, has the provider hold the money, and turns the hold into a sale in PostgreSQL, which
 * decides between payment, expiry and cancel. A repeated call continues the checkout, also when the shopper was sent to the
 * provider in between.
 *
 * @throws ProviderFailure: the attempt stays open, and the same key continues it; PostgreSQL's errors
 */
export async function checkout(deps: CheckoutDeps, request: CheckoutRequest): Promise<CheckoutResult> {
  const { question, idempotencyKey, paymentMethod, returnUrl } = request
  const { id: reservationId, userId } = question
  const ids = { reservationId, userId, attemptId: attemptIdOf(reservationId, idempotencyKey) }
  const bodyHash = checkoutHashOf(paymentMethod)
  const endsAtMs = performance.now() + checkoutBudgetMs

  let facts = await openCheckout(deps.pool, ids, bodyHash)
  if (facts === undefined) {
    const unpayable = await unpayableReason(deps, question)
    if (unpayable !== undefined) return unpayable
    // The reservation was decided a moment ago.
    facts = await openCheckout(deps.pool, ids, bodyHash)
  }
  const concluded = await proceedAndReport(deps, { ids, bodyHash, endsAtMs, paymentMethod, returnUrl }, facts)
  if (concluded === undefined) throw new PaymentOutcomeUnknown("checkout", "Time is up")
  const [result] = await Promise.all([resultOf(deps, ids, concluded), concluded.shown])
  return result
}

/** @returns undefined when the reservation is decided and can be paid for */
async function unpayableReason({ find }: CheckoutDeps, question: Question): Promise<Unpayable | undefined> {
  const found = await find(question)
  if (found === undefined) return { kind: "not-found" }
  if (found.view.status === "LOST") return { kind: "refuse", reason: "request-lost" }
  if (!isDecided(found.view)) return { kind: "queued" }
  // A quarantined request is refused without a row in PostgreSQL.
  return found.view.status === "REFUSED" ? { kind: "refuse", reason: "invalid" } : undefined
}

/** Continues the checkout. When the provider fails, counts and logs it. @throws what proceedCheckout throws */
async function proceedAndReport(
  deps: CheckoutDeps,
  open: OpenCheckout,
  facts: CheckoutNow | undefined,
): Promise<Concluded | undefined> {
  try {
    return await proceedCheckout(deps, open, facts)
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    const { attemptId, reservationId } = open.ids
    count("payment.failed")
    logger.warn(
      "The provider failed during a checkout. The attempt and the hold stay; the shopper repeats it with the same key",
      {
        attemptId,
        reservationId,
        error,
      },
    )
    throw error
  }
}

async function resultOf(
  { pool }: CheckoutDeps,
  { reservationId, userId }: CheckoutIds,
  { ending, order: confirmed, created }: Concluded,
): Promise<CheckoutResult> {
  if (ending.kind !== "order") return ending
  const order = confirmed ?? (await readOrder(pool, orderIdOf(reservationId), userId))
  if (order === undefined) throw new Error(`Reservation ${reservationId} is confirmed, but has no order`)
  return { kind: "order", order, created }
}
