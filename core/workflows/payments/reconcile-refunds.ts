import { type RefundRecord, readDueRefunds } from "../../adapters/postgres/refunds.ts"
import { logger } from "../../adapters/telemetry.ts"
import { mapInParallel } from "../../concurrency/parallel.ts"
import { askForRefund, type RefundDeps } from "./settle-refund.ts"

/** Limits of one call. The sweeper calls every few seconds. */
export const maxRefundsPerCall = 50
const maxParallelRefunds = 4

/**
 * Finishes refunds that a process left behind, that got no definite answer, or that the provider had not finished. The provider's
 * refunds are read first, so that none is made twice. A refund that fails again moves behind other work, with a pause that
 * doubles.
 *
 * @returns how many were asked about without a failure
 * @throws PostgreSQL's errors. A failure at the provider is logged, and a later call tries again.
 */
export async function reconcileRefunds(deps: RefundDeps, timeLeftMs: () => number): Promise<number> {
  const due = await readDueRefunds(deps.pool, maxRefundsPerCall)
  const asked = await mapInParallel(due, maxParallelRefunds, (refund) => askOrSetAside(deps, refund), timeLeftMs)
  return asked.filter((done) => done).length
}

async function askOrSetAside(deps: RefundDeps, refund: RefundRecord): Promise<boolean> {
  try {
    await askForRefund(deps, refund, false)
    return true
  } catch (error) {
    const { refundId, orderId } = refund
    logger.warn("A refund has no definite answer; it is set aside and tried again", { refundId, orderId, error: error as Error })
    return false
  }
}
