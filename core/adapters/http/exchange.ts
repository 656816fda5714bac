import type middy from "@middy/core"
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda"
import type { Access } from "../../contracts/http/routes.ts"
import type { Endpoint, HttpRequest, HttpResponse } from "./endpoint.ts"
import type { Caller } from "./token.ts"

/** An endpoint joined with its row of the routes table; made once, at cold start. */
export interface PreparedEndpoint extends Endpoint {
  readonly routeKey: string
  readonly method: string
  /** The route's path; undefined for the requests that no route matches. */
  readonly template: string | undefined
  readonly access: Access
  readonly maxBodyBytes: number
  readonly answerWithinMs: number
  readonly pathParameters: readonly string[]
}

/** One request on its way through the pipeline: each step adds its result. */
export interface Exchange {
  readonly event: APIGatewayProxyEventV2
  readonly endpoint: PreparedEndpoint
  correlationId: string
  traceparent: string | undefined
  /** The trace that the work for this exchange is a part of, when its span is recorded. */
  passedOn: string | undefined
  caller: Caller | undefined
  idempotencyKey: string
  path: Record<string, string>
  query: unknown
  body: unknown
}

/** A step of the pipeline. */
export type Step = middy.MiddlewareObj<Exchange, APIGatewayProxyStructuredResultV2>

export const openExchange = (event: APIGatewayProxyEventV2, endpoint: PreparedEndpoint): Exchange => ({
  event,
  endpoint,
  correlationId: "",
  traceparent: undefined,
  passedOn: undefined,
  caller: undefined,
  idempotencyKey: "",
  path: {},
  query: undefined,
  body: undefined,
})

/** The request as the endpoint's function sees it. */
export const requestOf = ({ passedOn, ...exchange }: Exchange): HttpRequest<unknown, unknown, Caller | undefined> => ({
  body: exchange.body,
  query: exchange.query,
  path: exchange.path,
  caller: exchange.caller,
  idempotencyKey: exchange.idempotencyKey,
  correlationId: exchange.correlationId,
  ...traceOf(passedOn ?? exchange.traceparent),
  prefersAsync: prefersAsync(exchange.event.headers.prefer),
  headers: exchange.event.headers,
  method: exchange.event.requestContext.http.method,
  instance: exchange.event.rawPath,
})

/**
 * The response as it is sent. No cache may keep an answer to a shopper. Every response, of an error too, has the correlation id.
 */
export function encode(exchange: Exchange, { status, headers, body }: HttpResponse): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(exchange.endpoint.access !== "anyone" && { "cache-control": "no-store" }),
      ...headers,
      "x-correlation-id": exchange.correlationId,
      ...(exchange.traceparent !== undefined && { traceparent: exchange.traceparent }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
}

const traceOf = (traceparent: string | undefined) => (traceparent === undefined ? {} : { traceparent })

const prefersAsync = (prefer: string | undefined): boolean =>
  prefer?.split(",").some((preference) => preference.split(";")[0]?.trim().toLowerCase() === "respond-async") ?? false
