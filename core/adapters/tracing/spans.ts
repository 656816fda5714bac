import type { Span } from "../../contracts/spans.ts"
import { newSpanId, readTraceparent } from "./trace-context.ts"

/** Takes the spans of a process. It must not wait, and it must not throw: a span never delays a request. */
export interface SpanSink {
  write(span: Omit<Span, "part">): void
}

let sink: SpanSink | undefined

/** Spans go to this sink from now on; without one nothing is recorded. */
export function recordSpansIn(next: SpanSink | undefined): void {
  sink = next
}

/** Whether this process records spans of traced requests. */
export const recordsSpans = (): boolean => sink !== undefined

export interface SpanOptions {
  /** When further spans are parts of this one. */
  readonly spanId?: string
  /** As in Span. */
  readonly isEntry?: boolean
}

/**
 * Records a piece of work of a traced request. Most requests are not traced: for them the call returns at its first line.
 *
 * @param traceparent of the span that the work is a part of; undefined for a request that is not traced
 * @param startMs milliseconds since the epoch; see wallClockMs
 */
export function span(
  traceparent: string | undefined,
  name: string,
  startMs: number,
  endMs: number,
  attributes: Span["attributes"] = {},
  { spanId = newSpanId(), isEntry = false }: SpanOptions = {},
): void {
  if (traceparent === undefined || sink === undefined) return
  const context = readTraceparent(traceparent)
  if (context?.isSampled !== true) return
  sink.write({
    ...{ trace_id: context.traceId, span_id: spanId, parent_id: context.spanId },
    ...{ name, is_entry: isEntry, start_ms: startMs, end_ms: endMs, attributes },
  })
}

/** A clock that was set, or a process that was frozen, moves the two clocks apart by more than this. */
const maxDriftMs = 5

/** The wall clock's time when the monotonic clock was 0. */
let originMs = performance.timeOrigin

/**
 * The time of the wall clock at a time of the monotonic clock, in milliseconds with fractions. Durations keep the resolution of
 * the monotonic clock; spans of several processes are on one clock.
 */
export function wallClockMs(monotonicMs = performance.now()): number {
  const measuredMs = Date.now() - performance.now()
  if (Math.abs(measuredMs - originMs) > maxDriftMs) originMs = measuredMs
  return originMs + monotonicMs
}
