import middy from "@middy/core"
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda"
import { maxBodyBytes, routes } from "../../contracts/http/routes.ts"
import { wholeApi } from "../../contracts/metrics.ts"
import { ProblemError } from "../../contracts/problems.ts"
import { count, countWork, flushBeforeFreeze } from "../telemetry.ts"
import { accept } from "./accept.ts"
import { body } from "./body.ts"
import { correlation } from "./correlation.ts"
import type { Endpoint } from "./endpoint.ts"
import { type Exchange, encode, openExchange, type PreparedEndpoint, requestOf, type Step } from "./exchange.ts"
import { idempotencyKey } from "./idempotency-key.ts"
import { identity } from "./identity.ts"
import { inTime } from "./in-time.ts"
import { limits } from "./limits.ts"
import { normalForm } from "./normal-form.ts"
import { origin } from "./origin.ts"
import { parameters } from "./parameters.ts"
import { problemDocuments, refuse, serverErrors } from "./problems.ts"
import type { TokenVerifier } from "./token.ts"

export { type Answer, endpoint, type HttpResponse, publicEndpoint, RawBody } from "./endpoint.ts"
export type { Caller } from "./token.ts"

/** A function behind the HTTP API (payload format 2.0). */
export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>

/** API Gateway's catch-all route. */
export const defaultRoute = "$default"

/** Margin before the end of the function's time and of the route's: a request that hangs still gets our own answer. */
const answerMarginMs = 250

/** The parts of the pipeline that depend on the environment. */
export interface HttpHandlerParts {
  /** Makes the verifier of tokens; called only when an endpoint needs one. */
  readonly tokenVerifier: () => TokenVerifier
  /** The accepted origin secrets; absent where the API has no edge in front of it. */
  readonly readOriginSecrets?: () => Promise<readonly string[]>
  readonly tracing: readonly Step[]
}

/**
 * A handler of API Gateway events for the given endpoints, by `"<METHOD> <path>"`. Access and body limits come from the routes
 * table.
 * @throws Error at cold start when an endpoint and the routes table do not agree
 */
export function createHttpHandler(
  endpoints: Readonly<Record<string, Endpoint>>,
  { tokenVerifier, readOriginSecrets, tracing }: HttpHandlerParts,
): HttpHandler {
  const prepared = new Map(Object.entries(endpoints).map(([routeKey, endpoint]) => [routeKey, prepare(routeKey, endpoint)]))
  const needsToken = [...prepared.values()].some(({ access }) => access !== "anyone")
  const verifier = needsToken ? tokenVerifier() : undefined

  // The answer has a time limit of our own (in-time.ts).
  const pipeline = middy<Exchange, APIGatewayProxyStructuredResultV2>(answer, { timeoutEarlyInMillis: 0 })
    .use([correlation(), ...tracing])
    .use(problemDocuments())
    .use(readOriginSecrets ? [origin(readOriginSecrets)] : [])
    .use([normalForm(), limits()])
    .use(accept())
    .use(verifier ? [identity(verifier)] : [])
    .use([parameters(), idempotencyKey(), body()])

  return async (event, context) => {
    count("request.rate")
    count("request.rate", 1, wholeApi)
    const endpoint = prepared.get(event.routeKey) ?? notServed(event.routeKey)
    const response = await pipeline(openExchange(event, endpoint), context)
    const isFailure = Number(response.statusCode) >= serverErrors
    countWork(isFailure ? 0 : 1, isFailure ? 1 : 0)
    flushBeforeFreeze()
    return response
  }
}

/**
 * Runs the endpoint within the shorter of the function's time and the route's. A request that waits for a part that hangs is
 * aborted then.
 */
async function answer(exchange: Exchange, context: Context): Promise<APIGatewayProxyStructuredResultV2> {
  const { endpoint } = exchange
  const leftMs = Math.min(endpoint.answerWithinMs, context.getRemainingTimeInMillis())
  const response = await inTime(endpoint.run(requestOf(exchange)), leftMs - answerMarginMs)
  return response instanceof ProblemError ? refuse(exchange, response) : encode(exchange, response)
}

function prepare(routeKey: string, endpoint: Endpoint): PreparedEndpoint {
  const route = routes.find(({ method, path }) => `${method} ${path}` === routeKey)
  if (routeKey !== defaultRoute && route === undefined) throw new Error(`${routeKey} is not in the routes table`)
  const access = route?.access ?? "anyone"
  if (endpoint.isPublic !== (access === "anyone")) throw new Error(`${routeKey} is for ${access}: the endpoint says otherwise`)
  return {
    ...endpoint,
    routeKey,
    method: route?.method ?? "",
    template: route?.path,
    access,
    maxBodyBytes: route?.maxBodyBytes ?? (route ? maxBodyBytes : Number.POSITIVE_INFINITY),
    answerWithinMs: route?.answerWithinMs ?? Number.POSITIVE_INFINITY,
    pathParameters: [...(route?.path.matchAll(/\{(\w+)\}/g) ?? [])].flatMap(([, name]) => name ?? []),
  }
}

/** The gateway sent a route that this function does not serve. This is a fault of the deployment, and the answer says so. */
const notServed = (routeKey: string): PreparedEndpoint => ({
  ...prepare(defaultRoute, {
    body: undefined,
    query: undefined,
    idempotencyKey: undefined,
    isPublic: true,
    run: async () => {
      throw new Error(`${routeKey} is not served by this function`)
    },
  }),
  routeKey,
})
