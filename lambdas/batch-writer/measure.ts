import type { Committed } from "../../core/adapters/postgres/transaction.ts"
import { count, countBy, countWork, record } from "../../core/adapters/telemetry.ts"
import { slowDecisionMs } from "../../core/contracts/metrics.ts"
import { inversionsOf } from "../../core/domain/inversions.ts"
import { estimateQueue } from "../../core/domain/queue-estimate.ts"
import type { QueueHistory } from "../../core/domain/queue-history.ts"
import type { SkuChanges } from "../../core/domain/sku-changes.ts"
import type { Batch } from "./batch.ts"
import { createMeasuredSkus } from "./measured-skus.ts"

/** Units of a SKU that left the stock, to requests and to the waitlist, less the units that came back. */
const unitsTaken = ({ entries }: SkuChanges): number => entries.reduce((units, entry) => units + entry.reservedDelta, 0)

const measuredSkus = createMeasuredSkus()

/** Counts the units that left the stock, in all and by SKU. */
function measureDepletion({ allocation: { changes }, loaded: { skuIds } }: Committed): void {
  for (const change of changes) {
    const taken = unitsTaken(change)
    count("stock.depletion.rate", taken)
    const sku = skuIds.get(change.skuNo)
    if (sku !== undefined && measuredSkus.has(sku)) countBy("stock.depletion.rate", { sku }, taken)
  }
}

/** How many of a hundred requests of a batch were given units. */
const allocatedPercent = ({ answers }: Committed["allocation"]): number =>
  answers.length === 0
    ? 0
    : (100 * answers.filter(({ reservation }) => reservation.outcome === "reserved").length) / answers.length

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
export function measure(batch: Batch, committed: Committed, latencyMs: number, history: QueueHistory): void {
  const { allocation, loaded } = committed
  record("batch.size", batch.records.length)
  record("batch.latency", latencyMs)
  count("batch.processed", allocation.answers.length)
  record("batch.allocation.rate", allocatedPercent(allocation))
  const quarantined = batch.records.length - allocation.answers.length
  countWork(allocation.answers.length, quarantined)
  if (quarantined > 0) count("quarantine.count", quarantined)
  count("fairness.inversions", inversionsOf(allocation.answers))
  measureDepletion(committed)
  let slow = 0
  for (const { decoded, offset } of batch.records) {
    if (decoded.kind === "record") {
      const { acceptedAtMs } = decoded.record
      const waitMs = loaded.now / 1_000 - acceptedAtMs
      record("queue.wait", waitMs)
      if (waitMs > slowDecisionMs) slow += 1
      if (offset % estimateSampledEvery === 0) measureEstimate(offset, acceptedAtMs, waitMs, history)
    } else if (decoded.reason === "unknown-version") count("quarantine.unknown-version")
  }
  if (slow > 0) count("reservation.decided.slow", slow)
}
