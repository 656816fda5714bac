import { randomUUID } from "node:crypto"
import type { Exchange, Step } from "./exchange.ts"

/** 1 to 128 visible ASCII characters: what is longer or stranger is replaced, for it ends up in logs. */
const correlationIdPattern = /^[!-~]{1,128}$/
/** Version 00 of W3C Trace Context; an all-zero trace or parent is invalid. */
const traceparentPattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Names the exchange: by the client's own id, by its trace, or anew. */
export const correlation = (): Step => ({
  before: ({ event: exchange }) => {
    const { "x-correlation-id": given, traceparent } = exchange.event.headers
    const traceId = traceparent === undefined ? undefined : traceparentPattern.exec(traceparent)?.[1]
    if (traceId !== undefined) exchange.traceparent = traceparent
    exchange.correlationId = given !== undefined && correlationIdPattern.test(given) ? given : (traceId ?? randomUUID())
  },
})

/** The members by which a log line is found again. */
export const logKeys = ({ correlationId, traceparent, endpoint }: Exchange) => ({
  correlation_id: correlationId,
  ...(traceparent !== undefined && { traceparent }),
  route: endpoint.routeKey,
})
