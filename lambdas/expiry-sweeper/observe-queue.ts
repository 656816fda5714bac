import type { Pool } from "pg"
import type { EndOffsets } from "../../core/adapters/kafka/offsets.ts"
import { frozenPartitions, readProgress } from "../../core/adapters/postgres/lag.ts"
import { flushMetrics, record, recordBy } from "../../core/adapters/telemetry.ts"
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
 * @param nowMs milliseconds of a clock that never goes back
 * @returns measures all partitions; it remembers where they were the last time. It throws errors of PostgreSQL and Kafka
 */
export function createObserveQueue({ pool, endOffsets, requestsTopic }: QueueParts, nowMs?: () => number): () => Promise<void> {
  const standstill = createStandstill(nowMs)
  return async () => {
    const ends = await endOffsets(requestsTopic)
    const [{ watermarks }, frozen] = await Promise.all([readProgress(pool, requestsTopic), frozenPartitions(pool)])
    let stalledMs = 0
    for (const [partition, end] of ends) {
      const next = watermarks.get(partition) ?? 0
      const waiting = Math.max(0, end - next)
      record("queue.depth", waiting)
      record("kafka.consumer.lag", waiting)
      recordBy("kafka.consumer.lag", { partition: String(partition) }, waiting)
      // A frozen partition begins to stand when it is resumed.
      stalledMs = Math.max(stalledMs, standstill(`${partition}`, { next, end: frozen.has(partition) ? next : end }))
    }
    record("queue.stalled", stalledMs)
    // At once: the alarm on a dead writer waits for it.
    flushMetrics()
  }
}
