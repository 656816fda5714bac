import { span, wallClockMs } from "../../core/adapters/tracing/spans.ts"
import type { Batch } from "./batch.ts"

/**
 * Records what the writer did for the traced requests of a written batch: how long each waited in the queue, and the transaction
 * that decided it. Most batches hold no traced request.
 *
 * @param startedMs when the first statement was sent, on the monotonic clock
 * @returns records that the decisions are shown in Redis
 */
export function traceBatch({ records, partition }: Batch, startedMs: number): () => void {
  const traced = records.flatMap(({ traceparent, offset, decoded }) =>
    traceparent === undefined || decoded.kind !== "record" ? [] : [{ traceparent, offset, record: decoded.record }],
  )
  if (traced.length === 0) return () => {}
  const [takenMs, committedMs] = [wallClockMs(startedMs), wallClockMs()]
  for (const { traceparent, offset, record } of traced) {
    const about = { reservation_id: record.id, partition, offset }
    span(traceparent, "wait in the queue", record.acceptedAtMs, takenMs, about)
    span(traceparent, "decide", takenMs, committedMs, { ...about, batch_records: records.length })
  }
  return () => {
    const shownMs = wallClockMs()
    for (const { traceparent, record } of traced) {
      span(traceparent, "show in Redis", committedMs, shownMs, { reservation_id: record.id })
    }
  }
}
