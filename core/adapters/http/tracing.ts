import type { Exchange, Step } from "./exchange.ts"

/**
 * Notes each exchange in X-Ray with what its log lines are found by. Problems are ordinary answers, so they are no errors of the
 * trace. The SDK (120 ms and 28 MB to load) is not even imported where there is no daemon to send to.
 */
export async function tracing(): Promise<Step[]> {
  if (process.env.AWS_XRAY_DAEMON_ADDRESS === undefined) return []
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
