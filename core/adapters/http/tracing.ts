import type { Exchange, Step } from "./exchange.ts"

/**
 * Records each exchange in X-Ray with the ids of its log lines. Problems are ordinary answers, so they are no errors of the
 * trace. The caller loads it only where a daemon listens: the SDK takes 120 ms and 28 MB to load.
 */
export async function tracing(): Promise<Step[]> {
  const { Tracer } = await import("@aws-lambda-powertools/tracer")
  const tracer = new Tracer({ captureHTTPsRequests: false })
  if (!tracer.isTracingEnabled()) return []
  const open = new WeakMap<Exchange, { close(): void }>()
  const close = ({ event: exchange }: { event: Exchange }) => open.get(exchange)?.close()

  return [
    {
      before: ({ event: exchange }) => {
        const segment = tracer.getSegment()?.addNewSubsegment(exchange.endpoint.routeKey)
        if (segment === undefined) return
        segment.addAnnotation("correlation_id", exchange.correlationId)
        segment.addAnnotation("route", exchange.endpoint.routeKey)
        open.set(exchange, segment)
      },
      after: close,
      onError: close,
    },
  ]
}
