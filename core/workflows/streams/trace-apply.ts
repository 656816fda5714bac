import { span, wallClockMs } from "../../adapters/tracing/spans.ts"
import type { AnySaleEvent } from "../../contracts/events.ts"

interface TracedEvent {
  readonly offset: number
  readonly event: AnySaleEvent
  readonly traceparent?: string
}

/**
 * Applies events, and records it as a part of the trace of each event that belongs to one. Most deliveries hold no such event.
 * @throws what `apply` throws
 */
export async function traceApply<Result>(events: readonly TracedEvent[], apply: () => Promise<Result>): Promise<Result> {
  const traced = events.filter(({ traceparent }) => traceparent !== undefined)
  if (traced.length === 0) return apply()
  const startMs = wallClockMs()
  try {
    return await apply()
  } finally {
    const endMs = wallClockMs()
    for (const { traceparent, offset, event } of traced) {
      const { event_id, event_type, reservation_id = "" } = event
      span(traceparent, `apply ${event_type}`, startMs, endMs, { reservation_id, event_id, offset })
    }
  }
}
