import { cancelOrRefund } from "../../adapters/payment/provider.ts"
import {
  type CheckoutIds,
  type CheckoutNow,
  confirmReservation,
  openCheckout,
  readCheckout,
  type Sale,
} from "../../adapters/postgres/checkouts.ts"
import { abandonAttempt, recordGivenBack } from "../../adapters/postgres/payments.ts"
import { logger } from "../../adapters/telemetry.ts"
import type { Order } from "../../contracts/http/checkout.ts"
import { type CheckoutEnding, type CheckoutStep, nextStep } from "../../domain/checkout.ts"
import { orderIdOf } from "../../domain/ids.ts"
import { authorisePayment, retrievePayment } from "./ask-provider.ts"
import type { ProceedDeps, TimedCheckout } from "./payment-deps.ts"

/** A checkout that is under way. */
export interface OpenCheckout extends TimedCheckout {
  readonly bodyHash: number
  /**
   * The payment method of the shopper's own call. Without it, as for a webhook, no step that needs the shopper's call is done.
   */
  readonly paymentMethod?: string
  /** Where the shopper comes from, on a stage that has no address of its own. */
  readonly returnUrl?: string | undefined
}

/** How a checkout ended. */
export interface Concluded {
  readonly ending: CheckoutEnding
  /** The order, when this call confirmed the hold or found it confirmed under its attempt. */
  readonly order?: Order
  /** Whether this call made the sale. */
  readonly created: boolean
  /** Resolves when the shopper's view shows the sale, or when showing it failed. Never rejects. */
  readonly shown: Promise<void>
}

/**
 * Continues a checkout from where it stands. The shopper's call, its repetition, the provider's webhook and the reconciler all
 * use this function, and each of them can continue what another one began. The next step always follows from what the database
 * shows.
 *
 * @param from where the checkout stands, or its sale; undefined when there is nothing to continue
 * @returns undefined when time is up, or when the next step needs the shopper's call
 * @throws ProviderFailure, PostgreSQL's errors
 */
export async function proceedCheckout(
  deps: ProceedDeps,
  checkout: OpenCheckout,
  from: Sale | CheckoutNow | undefined,
): Promise<Concluded | undefined> {
  const { ids, bodyHash, endsAtMs } = checkout
  for (let now = from; now !== undefined; ) {
    if ("order" in now) return concludeSale(deps, ids, now)
    if (performance.now() >= endsAtMs) return undefined
    const step = nextStep(now, bodyHash)
    switch (step.kind) {
      case "record":
      case "authorise":
      case "retrieve":
        now = await takeShoppersStep(deps, checkout, step)
        break
      case "expire":
        await deps.applyCommand(now.skuNo, { kind: "expire" })
        now = await readCheckout(deps.pool, ids)
        break
      case "confirm":
        now = await confirmReservation(deps.pool, ids)
        break
      case "abandon":
        await abandonAttempt(deps.pool, ids.attemptId)
        now = await readCheckout(deps.pool, ids)
        break
      case "cancel-payment":
        await cancelLostPayment(deps, ids, step.ref)
        return { ending: step.ending, created: false, shown: Promise.resolve() }
      default:
        return { ending: step, created: false, shown: Promise.resolve() }
    }
  }
  return undefined
}

/** The end of a checkout whose hold was confirmed. The call that made the sale shows it. */
const concludeSale = (deps: ProceedDeps, ids: CheckoutIds, sale: Sale): Concluded => ({
  ending: { kind: "order" },
  order: sale.order,
  created: sale.made,
  shown: sale.made ? showSale(deps, ids, sale) : Promise.resolve(),
})

/**
 * Takes a step that only the shopper's own call takes.
 *
 * @returns the sale, or where the checkout stands now; undefined without that call
 */
async function takeShoppersStep(
  deps: ProceedDeps,
  checkout: OpenCheckout,
  step: Extract<CheckoutStep, { kind: "record" | "authorise" | "retrieve" }>,
): Promise<Sale | CheckoutNow | undefined> {
  const { ids, bodyHash, paymentMethod, returnUrl } = checkout
  const { reservationId } = ids
  if (paymentMethod === undefined) return undefined
  switch (step.kind) {
    case "record":
      return openCheckout(deps.pool, ids, bodyHash)
    case "authorise":
      return authorisePayment(deps, checkout, { ...step.attempt, reservationId, paymentMethod, returnUrl })
    case "retrieve":
      return retrievePayment(deps, checkout, step.ref)
  }
}

/** Shows the sale to its shopper. PostgreSQL has it already: when Redis fails, the event-reactor shows it later. */
const showSale = (deps: ProceedDeps, { reservationId, attemptId }: CheckoutIds, { snapshot }: Sale): Promise<void> =>
  deps.show(snapshot).catch((error) => {
    logger.warn("A sale could not be shown in Redis; the event-reactor shows it", {
      orderId: orderIdOf(reservationId),
      reservationId,
      attemptId,
      error,
    })
  })

/**
 * Cancels the payment of an attempt that lost. The shopper's answer does not depend on it: the reconciler repeats what fails
 * here.
 */
async function cancelLostPayment(
  { pool, provider }: ProceedDeps,
  { attemptId, reservationId }: CheckoutIds,
  ref: string,
): Promise<void> {
  try {
    await cancelOrRefund(provider, { attemptId, ref })
    await recordGivenBack(pool, attemptId, ref)
  } catch (error) {
    logger.warn("The payment of an attempt that lost could not be cancelled; the reconciler tries again", {
      attemptId,
      reservationId,
      error: error as Error,
    })
  }
}
