import type { Committed } from "../../core/adapters/postgres/transaction.ts"
import { count, record } from "../../core/adapters/telemetry.ts"
import { estimateQueue } from "../../core/domain/queue-estimate.ts"
import type { QueueHistory } from "../../core/domain/queue-history.ts"
import type { Batch } from "./batch.ts"

/** Units that left the stock, to requests and to those who waited, less those that came back. */
const unitsTaken = ({ changes }: Committed["allocation"]): number =>
  changes.reduce((sum, { entries }) => sum + entries.reduce((units, entry) => units + entry.reservedDelta, 0), 0)

/** Of so many requests in a row the estimate of one is held against what came: enough to judge by, and next to nothing for the writer. */
export const estimateSampledEvery = 16

/** Notes how well a wait was foretold when its request came into the line. */
function measureEstimate(offset: number, acceptedAtMs: number, waitMs: number, shown: QueueHistory): void {
  const estimate = estimateQueue(offset, shown.at(acceptedAtMs) ?? {})
  if (estimate === undefined) return
  record("queue.wait.estimated", estimate.waitMs)
  record("queue.wait.error", Math.abs(estimate.waitMs - waitMs))
}

/**
 * Notes what a batch was and how long it took, from its first statement to its commit, in milliseconds.
 * @param shown what shoppers were shown of the batch's line before it
 */
export function measure(batch: Batch, { allocation, loaded }: Committed, latencyMs: number, shown: QueueHistory): void {
  record("batch.size", batch.records.length)
  record("batch.latency", latencyMs)
  count("batch.processed", allocation.answers.length)
  const aside = batch.records.length - allocation.answers.length
  if (aside > 0) count("quarantine.count", aside)
  count("stock.depletion.rate", unitsTaken(allocation))
  for (const { decoded, offset } of batch.records) {
    if (decoded.kind === "record") {
      const { acceptedAtMs } = decoded.record
      const waitMs = loaded.now / 1_000 - acceptedAtMs
      record("queue.wait", waitMs)
      if (offset % estimateSampledEvery === 0) measureEstimate(offset, acceptedAtMs, waitMs, shown)
    } else if (decoded.reason === "unknown-version") count("quarantine.unknown-version")
  }
}
