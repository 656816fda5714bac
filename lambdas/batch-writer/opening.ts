import { setTimeout as delay } from "node:timers/promises"
import type { Loaded } from "../../core/adapters/postgres/sale-load.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { opensShortlyIn } from "../../core/domain/sale.ts"

/** A sale of the batch opens in a moment, and the invocation has no time left to wait. The batch is delivered again. */
export class OpensShortly extends Error {
  override readonly name = "OpensShortly"
}

/** Milliseconds until every sale of a batch that opens in a moment is open; 0 when none does. */
export const opensShortlyInMs = ({ state, now }: Loaded): number =>
  Math.ceil(Math.max(0, ...[...state.skus.values()].map((sale) => opensShortlyIn(sale, now))) / 1_000)

/**
 * Waits until a sale opens by PostgreSQL's clock. Admission saw the sale open, so PostgreSQL's clock has stepped back since;
 * deciding now would refuse a key for good because of the clock.
 * @param place the name of the batch's partition
 * @throws OpensShortly when the invocation has no time left
 */
export async function waitForOpening(place: string, opensInMs: number, timeLeftMs: () => number): Promise<void> {
  if (timeLeftMs() < opensInMs) throw new OpensShortly(`A sale of ${place} opens in ${opensInMs} ms`)
  logger.warn("A sale with requests in the queue opens in a moment; the batch waits", { place })
  await delay(opensInMs)
}
