import type { EventLog } from "../../adapters/kafka/event-log.ts"
import type { TraceNotes } from "../../adapters/redis/trace-notes.ts"
import { recordsSpans, span, wallClockMs } from "../../adapters/tracing/spans.ts"
import { newSpanId, readTraceparent, traceparentOf } from "../../adapters/tracing/trace-context.ts"
import type { AnySaleEvent } from "../../contracts/events.ts"

/**
 * An event log whose events belong to the traces of their reservations: the record of such an event has a header `traceparent`,
 * and its consumers' work is a part of the span of its publication. It asks once for all events of a request to the broker.
 * Where this process records no spans, it does nothing.
 */
export const createTracedEventLog = (events: EventLog, notes: Pick<TraceNotes, "find">): EventLog => ({
  async publish(batch, maxMs) {
    if (!recordsSpans()) return events.publish(batch, maxMs)
    const traces = await notes.find(reservationsOf(batch.events))
    if (traces.size === 0) return events.publish(batch, maxMs)
    const spans = batch.events.flatMap((event) => spanOf(event, traces))
    const startedMs = performance.now()
    await events.publish({ ...batch, traces: new Map(spans.map(({ event, passedOn }) => [event.event_id, passedOn])) }, maxMs)
    for (const { event, parent, spanId } of spans) {
      const { event_type, event_id, reservation_id = "" } = event
      const attributes = { reservation_id, event_id, partition: batch.partition }
      span(parent, `publish ${event_type}`, wallClockMs(startedMs), wallClockMs(), attributes, { spanId })
    }
  },
  close: () => events.close(),
})

const reservationsOf = (events: readonly AnySaleEvent[]): string[] => [
  ...new Set(events.flatMap(({ reservation_id: id }) => (id === undefined ? [] : [id]))),
]

function spanOf(event: AnySaleEvent, traces: ReadonlyMap<string, string>) {
  const parent = traces.get(event.reservation_id ?? "")
  const context = parent === undefined ? undefined : readTraceparent(parent)
  if (parent === undefined || context === undefined) return []
  const spanId = newSpanId()
  return [{ event, parent, spanId, passedOn: traceparentOf({ ...context, spanId }) }]
}
