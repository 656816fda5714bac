import { randomUUID } from "node:crypto"
import { readTraceparent } from "../tracing/trace-context.ts"
import type { Exchange, Step } from "./exchange.ts"

/** 1 to 128 visible ASCII characters. Any other id is replaced, because the id is written to logs. */
const correlationIdPattern = /^[!-~]{1,128}$/

/** The id of the exchange: the client's own id, or its trace id, or a new id. */
export const correlation = (): Step => ({
  before: ({ event: exchange }) => {
    const { "x-correlation-id": given, traceparent } = exchange.event.headers
    const traceId = traceparent === undefined ? undefined : readTraceparent(traceparent)?.traceId
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
