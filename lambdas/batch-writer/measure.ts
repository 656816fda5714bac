import type { Committed } from "../../core/adapters/postgres/transaction.ts"
import { count, record } from "../../core/adapters/telemetry.ts"
import { estimateQueue } from "../../core/domain/queue-estimate.ts"
import type { QueueHistory } from "../../core/domain/queue-history.ts"
import type { Batch } from "./batch.ts"

/** Units that left the stock, to requests and to the waitlist, less the units that came back. */
const unitsTaken = ({ changes }: Committed["allocation"]): number =>
  changes.reduce((sum, { entries }) => sum + entries.reduce((units, entry) => units + entry.reservedDelta, 0), 0)

/** One estimate in so many requests is compared with the real wait: enough to judge it by, and almost free for the writer. */
export const estimateSampledEvery = 16

/** Records how well the wait was estimated when the request entered the queue. */
function measureEstimate(offset: number, acceptedAtMs: number, waitMs: number, history: QueueHistory): void {
  const estimate = estimateQueue(offset, history.at(acceptedAtMs) ?? {})
  if (estimate === undefined) return
  record("queue.wait.estimated", estimate.waitMs)
  record("queue.wait.error", Math.abs(estimate.waitMs - waitMs))
}

/**
 * Records the size of a batch, its outcome, and how long its requests waited.
 * @param latencyMs from its first statement to its commit
 * @param history the progress of the batch's partition that shoppers were shown before it
 */
export function measure(batch: Batch, { allocation, loaded }: Committed, latencyMs: number, history: QueueHistory): void {
  record("batch.size", batch.records.length)
  record("batch.latency", latencyMs)
  count("batch.processed", allocation.answers.length)
  const quarantined = batch.records.length - allocation.answers.length
  if (quarantined > 0) count("quarantine.count", quarantined)
  count("stock.depletion.rate", unitsTaken(allocation))
  for (const { decoded, offset } of batch.records) {
    if (decoded.kind === "record") {
      const { acceptedAtMs } = decoded.record
      const waitMs = loaded.now / 1_000 - acceptedAtMs
      record("queue.wait", waitMs)
      if (offset % estimateSampledEvery === 0) measureEstimate(offset, acceptedAtMs, waitMs, history)
    } else if (decoded.reason === "unknown-version") count("quarantine.unknown-version")
  }
}
