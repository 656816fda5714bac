import { randomUUID } from "node:crypto"
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context } from "aws-lambda"

/** A call of the API in a warm-up. */
export interface ApiCall {
  /** `"<METHOD> <path>"`, as in the routes table. */
  readonly routeKey: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

export interface ApiAnswer {
  readonly status: number
  readonly body: string
}

/** Makes a call: through the server of the local gateway, or straight to a function. */
export type Send = (call: ApiCall) => Promise<ApiAnswer>

export type ApiHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyResultV2>

/** The method, the path and the query string of a call. */
export function targetOf({ routeKey, parameters = {}, query = {} }: ApiCall): { method: string; path: string; search: string } {
  const [method = "", template = ""] = routeKey.split(" ")
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ""))
  return { method, path, search: new URLSearchParams(query).toString() }
}

/** Sends calls to functions as API Gateway does, in this process. @param handlerOf the function of a route */
export const sendToHandlers =
  (handlerOf: (routeKey: string) => ApiHandler): Send =>
  async (call) => {
    const result = await handlerOf(call.routeKey)(eventOf(call), contextOf())
    if (typeof result === "string") return { status: 200, body: result }
    return { status: result.statusCode ?? 200, body: result.body ?? "" }
  }

/** The event of API Gateway's HTTP API, payload format 2.0. */
function eventOf(call: ApiCall): APIGatewayProxyEventV2 {
  const { method, path, search } = targetOf(call)
  const { routeKey, parameters, query, headers = {}, body } = call
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: search,
    headers: { ...(body && { "content-type": "application/json" }), ...headers },
    ...(query && { queryStringParameters: query }),
    ...(parameters && { pathParameters: parameters }),
    requestContext: {
      accountId: "",
      apiId: "",
      domainName: "",
      domainPrefix: "",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "warm-up" },
      requestId: randomUUID(),
      routeKey,
      stage: "$default",
      time: "",
      timeEpoch: Date.now(),
    },
    ...(body && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  }
}

const callMs = 10_000

/** The context of an invocation, as far as the functions use it. @param timeMs until the invocation would be ended */
export const contextOf = (timeMs = callMs): Context => {
  const endsAtMs = performance.now() + timeMs
  const context = {
    awsRequestId: randomUUID(),
    functionName: "warm-up",
    getRemainingTimeInMillis: () => endsAtMs - performance.now(),
  }
  return context as unknown as Context
}
