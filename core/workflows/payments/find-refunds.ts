import { ProviderFailure } from "../../adapters/payment/provider.ts"
import { hasPaidOrders, readUnknownRefs } from "../../adapters/postgres/found-refunds.ts"
import { logger } from "../../adapters/telemetry.ts"
import type { RefundDeps } from "./settle-refund.ts"
import { syncRefunds } from "./sync-refunds.ts"

/** How far back a call looks. A webhook call that was lost is made up for, also after an outage of this length. */
const lookBackSeconds = 3_600
/** Payments of one call. The rest comes with the next one, a minute later. */
export const maxPaymentsPerLook = 20

/**
 * Finds refunds and disputes that were made at the provider and whose webhook was lost. Nothing depends on the webhook: it is the
 * fast way, not the only one. While no order was ever paid, the provider is not asked.
 *
 * @returns how many payments were brought up to date
 * @throws PostgreSQL's errors. A failure at the provider is logged, and a later call tries again.
 */
export async function findRefunds(deps: RefundDeps): Promise<number> {
  if (!(await hasPaidOrders(deps.pool))) return 0
  try {
    const recent = await deps.provider.recentRefunds(lookBackSeconds)
    const unknown = await readUnknownRefs(
      deps.pool,
      recent.map(({ ref }) => ref),
    )
    const payments = new Set(recent.filter(({ ref }) => unknown.has(ref)).map(({ paymentRef }) => paymentRef))
    let synced = 0
    for (const payment of [...payments].slice(0, maxPaymentsPerLook)) {
      if ((await syncRefunds(deps, payment)) === "synced") synced += 1
    }
    return synced
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    logger.warn("The refunds made at the payment provider could not be read; the next call reads them", { error })
    return 0
  }
}
