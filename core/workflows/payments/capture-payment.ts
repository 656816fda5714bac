import { cancelOrRefund } from "../../adapters/payment/provider.ts"
import { type Pauses, setAside } from "../../adapters/postgres/payment-retries.ts"
import { type CaptureFacts, readCapture } from "../../adapters/postgres/payments.ts"
import { count, logger } from "../../adapters/telemetry.ts"
import type { CaptureDeps } from "./payment-deps.ts"

/** Pauses between the tries of a capture, a cancel or a refund that failed: five seconds first, five minutes at most. */
export const retryPauses: Pauses = { firstSeconds: 5, longestSeconds: 300 }

/**
 * Captures the money of an order: PENDING_CAPTURE becomes PAID. It becomes FAILED when the payment is over, so that no later try
 * can capture it; then the rest of the authorisation is released and the unit goes back to stock. Repeated and concurrent calls
 * take effect once: the provider captures a payment once, and the order moves only from PENDING_CAPTURE.
 *
 * @returns `settled` when there was nothing left to capture
 * @throws ProviderFailure, PostgreSQL's errors: the caller tries again
 */
export async function capturePayment(deps: CaptureDeps, orderId: string): Promise<"paid" | "failed" | "settled"> {
  const facts = await readCapture(deps.pool, orderId)
  return facts === undefined ? "settled" : capture(deps, facts)
}

/**
 * Captures the money of an order, or sets the order aside when that fails. The reconciler tries it again after a pause, and other
 * orders do not wait.
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
    return await capture(deps, facts)
  } catch (error) {
    await setAside(deps.pool, "capture", [facts.attemptId], retryPauses, error)
    count("payment.failed")
    logger.warn("A capture failed; the order is set aside and tried again", { ...idsOf(facts), error: error as Error })
    return "set-aside"
  }
}

async function capture(deps: CaptureDeps, facts: CaptureFacts): Promise<"paid" | "failed"> {
  const { orderId, skuNo, attemptId, providerRef: ref } = facts
  if (ref === undefined) throw new Error(`Order ${orderId} was confirmed without a payment`)
  const result = await deps.provider.capture({ attemptId, ref })
  if (result.kind === "captured") {
    await deps.markOrderPaid(skuNo, orderId)
    return "paid"
  }
  count("payment.failed")
  logger.error("A payment could not be captured; its order fails and its unit goes back to stock", {
    ...idsOf(facts),
    code: result.code,
  })
  await cancelOrRefund(deps.provider, { attemptId, ref })
  await deps.applyCommand(skuNo, { kind: "revoke", orderId, as: "payment_failed" })
  return "failed"
}

const idsOf = ({ orderId, attemptId, reservationId }: CaptureFacts) => ({ orderId, attemptId, reservationId })
