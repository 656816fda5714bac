import * as z from "zod"
import type { ProblemError } from "../../contracts/problems.ts"
import type { Caller } from "./token.ts"

/** The body schema of an endpoint that gets the text as it arrived: a signature covers the text, not the parsed value. */
export const RawBody = z.string()

/** The request as a handler gets it: decoded, checked against the schemas, and with its caller. */
export interface HttpRequest<Body, Query, Who> {
  readonly body: Body
  readonly query: Query
  /** Path parameters by name; ids are lower-case UUIDs and SKUs well-formed. */
  readonly path: Readonly<Record<string, string>>
  readonly caller: Who
  /** Empty when the endpoint takes no key, or when the client sent none. */
  readonly idempotencyKey: string
  readonly correlationId: string
  /** W3C trace context to pass on, if the request had a valid one. */
  readonly traceparent?: string
  /** The client wants its position in the queue at once, without a wait (`Prefer: respond-async`, RFC 7240). */
  readonly prefersAsync: boolean
  /** By lower-case name, unchanged. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly method: string
  /** The path of the request. */
  readonly instance: string
}

/** The answer of a handler. The body is encoded as JSON; header names are lower-case. */
export interface HttpResponse {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** An ordinary refusal is a value, too: to throw it through every layer costs more than to return it. */
export type Answer = HttpResponse | ProblemError

/** Whether a call must have an Idempotency-Key. Without a rule a key is ignored. */
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

/** An endpoint without its types: the pipeline has checked everything that the function relies on. */
export interface Endpoint {
  readonly body: z.ZodType | undefined
  readonly query: z.ZodType | undefined
  readonly idempotencyKey: KeyRule | undefined
  /** Whether a call needs no token; it must agree with the routes table. */
  readonly isPublic: boolean
  readonly run: (request: HttpRequest<unknown, unknown, Caller | undefined>) => Promise<Answer>
}

type Run<Body extends z.ZodType, Query extends z.ZodType, Who> = (
  request: HttpRequest<z.output<Body>, z.output<Query>, Who>,
) => Promise<Answer>

/** An endpoint for callers with a valid token; the routes table says which scope it takes. */
export const endpoint = <Body extends z.ZodType = z.ZodUndefined, Query extends z.ZodType = z.ZodUndefined>(
  options: EndpointOptions<Body, Query>,
  run: Run<Body, Query, Caller>,
): Endpoint => prepare(options, run, false)

/** An endpoint for anyone: a token is ignored. */
export const publicEndpoint = <Body extends z.ZodType = z.ZodUndefined, Query extends z.ZodType = z.ZodUndefined>(
  options: EndpointOptions<Body, Query>,
  run: Run<Body, Query, undefined>,
): Endpoint => prepare(options, run, true)

const prepare = (
  { body, query, idempotencyKey }: EndpointOptions<z.ZodType, z.ZodType>,
  run: unknown,
  isPublic: boolean,
): Endpoint => ({ body, query, idempotencyKey, isPublic, run: run as Endpoint["run"] })
