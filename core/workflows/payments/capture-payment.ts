import type { Pool } from "pg"
import { giveBack, type PaymentProvider } from "../../adapters/payment/provider.ts"
import { type Pauses, setAside } from "../../adapters/postgres/payment-retries.ts"
import { type CaptureFacts, readCapture } from "../../adapters/postgres/payments.ts"
import { count, logger } from "../../adapters/telemetry.ts"
import type { ApplyCommand } from "../allocation/apply-command.ts"
import type { MarkOrderPaid } from "./mark-orders-paid.ts"

export interface CaptureDeps {
  /** Connections of any role that may read orders and attempts, and note retries. */
  readonly pool: Pool
  readonly provider: PaymentProvider
  readonly applyCommand: ApplyCommand
  readonly markOrderPaid: MarkOrderPaid
}

/** Pauses between the tries of money that did not move: five seconds first, five minutes at the longest. */
export const retryPauses: Pauses = { firstSeconds: 5, longestSeconds: 300 }

/**
 * Collects the money of an order: PENDING_CAPTURE becomes PAID, or FAILED when the payment is over and no try can collect it; then what is
 * left of the authorisation is released and the unit goes back to stock. Repeating it, also side by side, takes effect once: the provider
 * captures a payment once, and the order moves only from PENDING_CAPTURE.
 *
 * @returns `settled` when there was nothing to collect any more
 * @throws ProviderFailure, PostgreSQL's errors: try again
 */
export async function capturePayment(deps: CaptureDeps, orderId: string): Promise<"paid" | "failed" | "settled"> {
  const facts = await readCapture(deps.pool, orderId)
  return facts === undefined ? "settled" : collect(deps, facts)
}

/**
 * The same, but an order that fails is set aside: the reconciler tries it again after a pause, and its neighbours do not wait for it.
 *
 * @throws PostgreSQL's errors, when the order cannot be read or set aside: the caller tries again
 */
export async function captureOrSetAside(
  deps: CaptureDeps,
  orderId: string,
): Promise<"paid" | "failed" | "settled" | "set-aside"> {
  const facts = await readCapture(deps.pool, orderId)
  if (facts === undefined) return "settled"
  try {
    return await collect(deps, facts)
  } catch (error) {
    await setAside(deps.pool, "capture", [facts.attemptId], retryPauses, error)
    count("payment.failed")
    logger.warn("A capture failed; the order is set aside and tried again", { ...idsOf(facts), error: error as Error })
    return "set-aside"
  }
}

async function collect(deps: CaptureDeps, facts: CaptureFacts): Promise<"paid" | "failed"> {
  const { orderId, skuNo, attemptId, providerRef: ref } = facts
  if (ref === undefined) throw new Error(`Order ${orderId} was confirmed without a payment`)
  const capture = await deps.provider.capture({ attemptId, ref })
  if (capture.kind === "captured") {
    await deps.markOrderPaid(skuNo, orderId)
    return "paid"
  }
  count("payment.failed")
  logger.error("A payment could not be captured; its unit goes back to stock", { ...idsOf(facts), code: capture.code })
  await giveBack(deps.provider, { attemptId, ref })
  await deps.applyCommand(skuNo, { kind: "revoke", orderId, as: "payment_failed" })
  return "failed"
}

const idsOf = ({ orderId, attemptId, reservationId }: CaptureFacts) => ({ orderId, attemptId, reservationId })
