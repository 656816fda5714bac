import * as z from "zod"
import type { Caller } from "./token.ts"

/** The body schema of an endpoint that is given its text as it came: a signature covers what was sent, not what it means. */
export const RawBody = z.string()

/** What a handler is given: already decoded, checked against the schemas, and attributed to its caller. */
export interface HttpRequest<Body, Query, Who> {
  readonly body: Body
  readonly query: Query
  /** Path parameters by name; ids are lower-case UUIDs and SKUs well-formed. */
  readonly path: Readonly<Record<string, string>>
  readonly caller: Who
  /** Empty unless the endpoint requires one, or takes one and was given it. */
  readonly idempotencyKey: string
  readonly correlationId: string
  /** W3C trace context to pass on, where the request carried a valid one. */
  readonly traceparent?: string
  /** The client would rather read its position in the queue than wait (`Prefer: respond-async`, RFC 7240). */
  readonly prefersAsync: boolean
  /** By lower-case name, as they came. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly method: string
  /** The path as it was asked for. */
  readonly instance: string
}

/** What a handler answers. The body is encoded as JSON; header names are lower-case. */
export interface HttpResponse {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Whether a call must bring an Idempotency-Key. Without a rule a key is not looked at. */
export type KeyRule = "required" | "optional"

/**
 * What an endpoint takes. Without a `body` schema a body is refused unless it is empty or `{}`; without a `query` schema the
 * query is ignored.
 */
export interface EndpointOptions<Body extends z.ZodType, Query extends z.ZodType> {
  readonly body?: Body
  readonly query?: Query
  readonly idempotencyKey?: KeyRule
}

/** An endpoint with its types forgotten: the pipeline has checked what the function relies on. */
export interface Endpoint {
  readonly body: z.ZodType | undefined
  readonly query: z.ZodType | undefined
  readonly idempotencyKey: KeyRule | undefined
  /** Whether it may be called without a token; must agree with the routes table. */
  readonly isPublic: boolean
  readonly run: (request: HttpRequest<unknown, unknown, Caller | undefined>) => Promise<HttpResponse>
}

type Run<Body extends z.ZodType, Query extends z.ZodType, Who> = (
  request: HttpRequest<z.output<Body>, z.output<Query>, Who>,
) => Promise<HttpResponse>

/** An endpoint for callers with a valid token; the routes table says which scope it takes. */
export const endpoint = <Body extends z.ZodType = z.ZodUndefined, Query extends z.ZodType = z.ZodUndefined>(
  options: EndpointOptions<Body, Query>,
  run: Run<Body, Query, Caller>,
): Endpoint => prepare(options, run, false)

/** An endpoint for anyone: no token is looked at. */
export const publicEndpoint = <Body extends z.ZodType = z.ZodUndefined, Query extends z.ZodType = z.ZodUndefined>(
  options: EndpointOptions<Body, Query>,
  run: Run<Body, Query, undefined>,
): Endpoint => prepare(options, run, true)

const prepare = (
  { body, query, idempotencyKey }: EndpointOptions<z.ZodType, z.ZodType>,
  run: unknown,
  isPublic: boolean,
): Endpoint => ({ body, query, idempotencyKey, isPublic, run: run as Endpoint["run"] })
