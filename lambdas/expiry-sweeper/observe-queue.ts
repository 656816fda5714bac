import type { Pool } from "pg"
import type { EndOffsets } from "../../core/adapters/kafka/offsets.ts"
import { frozenPartitions, movingSkus, readProgress } from "../../core/adapters/postgres/lag.ts"
import { flushMetrics, record, recordBy } from "../../core/adapters/telemetry.ts"
import { mostMeasuredSkus } from "../../core/contracts/metrics.ts"
import { createStandstill } from "./standstill.ts"

export interface QueueParts {
  readonly pool: Pool
  readonly endOffsets: EndOffsets
  readonly requestsTopic: string
}

/**
 * Makes the measurement of the queue, by partition: how many acknowledged records the writer has not decided, and for how long
 * its watermark has not moved although records wait. It works while the writer is dead. A partition that operators froze does
 * not count as standing still.
 *
 * A SKU that is alone in motion in its partition has the partition's undecided requests as its own. The hot SKUs of a sale have
 * partitions of their own; where several share one, only the partition's number is true, and the SKUs have none.
 *
 * @param nowMs milliseconds of a clock that never goes back
 * @returns measures all partitions; it remembers where they were the last time. It throws errors of PostgreSQL and Kafka
 */
export function createObserveQueue({ pool, endOffsets, requestsTopic }: QueueParts, nowMs?: () => number): () => Promise<void> {
  const standstill = createStandstill(nowMs)
  return async () => {
    const ends = await endOffsets(requestsTopic)
    const { watermarks } = await readProgress(pool, requestsTopic)
    const [frozen, moving] = await Promise.all([frozenPartitions(pool), movingSkus(pool)])
    let [stalledMs, measured] = [0, 0]
    for (const [partition, end] of ends) {
      const next = watermarks.get(partition) ?? 0
      const waiting = Math.max(0, end - next)
      record("queue.depth", waiting)
      record("kafka.consumer.lag", waiting)
      recordBy("kafka.consumer.lag", { partition: String(partition) }, waiting)
      const [sku, ...others] = moving.get(partition) ?? []
      if (sku !== undefined && others.length === 0 && measured++ < mostMeasuredSkus) recordBy("queue.depth", { sku }, waiting)
      // A frozen partition begins to stand when it is resumed.
      stalledMs = Math.max(stalledMs, standstill(`${partition}`, { next, end: frozen.has(partition) ? next : end }))
    }
    record("queue.stalled", stalledMs)
    // At once: the alarm on a dead writer waits for it.
    if (stalledMs > 0) flushMetrics()
  }
}
