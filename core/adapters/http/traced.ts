import { span, wallClockMs } from "../tracing/spans.ts"
import { createTraceBudget } from "../tracing/trace-budget.ts"
import { newSpanId, readTraceparent, type TraceContext, traceparentOf } from "../tracing/trace-context.ts"
import type { Exchange, Step } from "./exchange.ts"

/** The trace of an exchange, while it runs. */
interface Running {
  readonly parent: TraceContext
  readonly spanId: string
  readonly startMs: number
}

/**
 * Records each traced exchange as a span, and passes its trace on to the work for it. A request is traced when its client's
 * `traceparent` says so, or when X-Ray has chosen it. Problems are ordinary answers, so they are no errors of the trace. Beyond
 * the budget of the process the work for a request is not traced. A client reads that in the flags of the answer's
 * `traceparent`; an exchange that X-Ray has chosen still has its own span.
 *
 * @param chosen the trace for which X-Ray has chosen the present invocation, if it has
 */
export function traced(chosen: () => TraceContext | undefined): Step {
  const running = new WeakMap<Exchange, Running>()
  const takeOne = createTraceBudget()

  const end = (exchange: Exchange, status: number | undefined) => {
    const trace = running.get(exchange)
    if (trace === undefined) return
    const { routeKey } = exchange.endpoint
    const attributes = { route: routeKey, correlation_id: exchange.correlationId, ...(status !== undefined && { status }) }
    const options = { spanId: trace.spanId, isEntry: true }
    span(traceparentOf(trace.parent), routeKey, trace.startMs, wallClockMs(), attributes, options)
  }

  return {
    before: ({ event: exchange }) => {
      const { traceparent } = exchange
      const asked = traceparent === undefined ? chosen() : readTraceparent(traceparent)
      if (asked?.isSampled !== true) return
      const spanId = newSpanId()
      const fits = takeOne(performance.now())
      if (fits) exchange.passedOn = traceparentOf({ ...asked, spanId })
      else if (traceparent !== undefined) exchange.traceparent = traceparentOf({ ...asked, isSampled: false })
      if (fits || traceparent === undefined) running.set(exchange, { parent: asked, spanId, startMs: wallClockMs() })
    },
    after: ({ event: exchange, response }) => end(exchange, response?.statusCode),
    onError: ({ event: exchange, response }) => end(exchange, response?.statusCode),
  }
}
