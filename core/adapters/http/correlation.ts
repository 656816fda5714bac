import { randomUUID } from "node:crypto"
import type { Exchange, Step } from "./exchange.ts"

/** 1 to 128 visible ASCII characters. Any other id is replaced, because the id is written to logs. */
const correlationIdPattern = /^[!-~]{1,128}$/
/** Version 00 of W3C Trace Context; an all-zero trace or parent is invalid. */
const traceparentPattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The id of the exchange: the client's own id, or its trace id, or a new id. */
export const correlation = (): Step => ({
  before: ({ event: exchange }) => {
    const { "x-correlation-id": given, traceparent } = exchange.event.headers
    const traceId = traceparent === undefined ? undefined : traceparentPattern.exec(traceparent)?.[1]
    if (traceId !== undefined) exchange.traceparent = traceparent
    exchange.correlationId = given !== undefined && correlationIdPattern.test(given) ? given : (traceId ?? randomUUID())
  },
})

/** The members with which the log lines of an exchange are found. */
export const logKeys = ({ correlationId, traceparent, endpoint }: Exchange) => ({
  correlation_id: correlationId,
  ...(traceparent !== undefined && { traceparent }),
  route: endpoint.routeKey,
})
