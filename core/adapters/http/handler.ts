import middy from "@middy/core"
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda"
import { maxBodyBytes, routes } from "../../contracts/http/routes.ts"
import { functionConfig } from "../config.ts"
import { hasSecret } from "../credentials.ts"
import { count } from "../telemetry.ts"
import { accept } from "./accept.ts"
import { body } from "./body.ts"
import { correlation } from "./correlation.ts"
import type { Endpoint } from "./endpoint.ts"
import { type Exchange, encode, openExchange, type PreparedEndpoint, requestOf } from "./exchange.ts"
import { idempotencyKey } from "./idempotency-key.ts"
import { identity } from "./identity.ts"
import { limits } from "./limits.ts"
import { origin } from "./origin.ts"
import { parameters } from "./parameters.ts"
import { problemDocuments, timeIsUp } from "./problems.ts"
import { createTokenVerifier, tokenEnvironment } from "./token.ts"
import { tracing } from "./tracing.ts"

export { endpoint, type HttpResponse, publicEndpoint, RawBody } from "./endpoint.ts"
export type { Caller } from "./token.ts"

/** A function behind the HTTP API (payload format 2.0). */
export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>

/** API Gateway's catch-all route. */
export const defaultRoute = "$default"

const trace = await tracing()

/** Kept back of the function's time and of the route's, so that a request that hangs is answered in our words before they end. */
const answerMarginMs = 250

/**
 * A handler of API Gateway events for the given endpoints, by `"<METHOD> <path>"`. Access and body limits come from the routes
 * table.
 * @throws Error at cold start when an endpoint and the routes table do not agree
 */
export function httpHandler(endpoints: Readonly<Record<string, Endpoint>>): HttpHandler {
  const prepared = new Map(Object.entries(endpoints).map(([routeKey, endpoint]) => [routeKey, prepare(routeKey, endpoint)]))
  const needsToken = [...prepared.values()].some(({ access }) => access !== "anyone")
  const verifier = needsToken ? createTokenVerifier(functionConfig(tokenEnvironment)) : undefined

  const pipeline = middy<Exchange, APIGatewayProxyStructuredResultV2>(
    async (exchange: Exchange) => encode(exchange, await exchange.endpoint.run(requestOf(exchange))),
    { timeoutEarlyInMillis: answerMarginMs, timeoutEarlyResponse: timeIsUp },
  )
    .use([correlation(), ...trace])
    .use(problemDocuments())
    .use(hasSecret("ORIGIN_SECRET") ? [origin()] : [])
    .use(limits())
    .use(accept())
    .use(verifier ? [identity(verifier)] : [])
    .use([parameters(), idempotencyKey(), body()])

  return (event, context) => {
    count("request.rate")
    const endpoint = prepared.get(event.routeKey) ?? notServed(event.routeKey)
    return pipeline(openExchange(event, endpoint), boundedContext(context, endpoint.answerWithinMs))
  }
}

/** The function's time, or the route's where that is shorter: what depends on a part that hangs is given up when it ends. */
const boundedContext = (context: Context, withinMs: number): Context => ({
  ...context,
  getRemainingTimeInMillis: () => Math.min(withinMs, context.getRemainingTimeInMillis()),
})

function prepare(routeKey: string, endpoint: Endpoint): PreparedEndpoint {
  const route = routes.find(({ method, path }) => `${method} ${path}` === routeKey)
  if (routeKey !== defaultRoute && route === undefined) throw new Error(`${routeKey} is not in the routes table`)
  const access = route?.access ?? "anyone"
  if (endpoint.isPublic !== (access === "anyone")) throw new Error(`${routeKey} is for ${access}: the endpoint says otherwise`)
  return {
    ...endpoint,
    routeKey,
    method: route?.method ?? "",
    access,
    maxBodyBytes: route?.maxBodyBytes ?? (route ? maxBodyBytes : Number.POSITIVE_INFINITY),
    answerWithinMs: route?.answerWithinMs ?? Number.POSITIVE_INFINITY,
    pathParameters: [...(route?.path.matchAll(/\{(\w+)\}/g) ?? [])].flatMap(([, name]) => name ?? []),
  }
}

/** The gateway sent a route here that this function does not serve: a fault of the deployment, answered as such. */
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
