import type { APIGatewayProxyEventV2, Context } from "aws-lambda"
import type { HttpHandler } from "../../../core/adapters/http/handler.ts"
import { pathOf } from "../../../core/contracts/http/routes.ts"

export interface Call {
  readonly headers?: Record<string, string>
  /** A string is sent as API Gateway sends text; a buffer as base64. */
  readonly body?: string | Buffer
  readonly query?: string
  readonly path?: Record<string, string>
  readonly rawPath?: string
  readonly timeLeftMs?: number
}

/** Calls a handler with an event of API Gateway's HTTP API (payload format 2.0) and decodes the answer. */
export async function call(handler: HttpHandler, routeKey: string, request: Call = {}) {
  const [method = "GET", template = "/"] = routeKey.split(" ")
  const { body, timeLeftMs = 10_000 } = request
  const event: APIGatewayProxyEventV2 = {
    version: "2.0",
    routeKey,
    rawPath: request.rawPath ?? pathOf(template, request.path ?? {}),
    rawQueryString: request.query ?? "",
    headers: request.headers ?? {},
    ...(request.path && { pathParameters: request.path }),
    requestContext: {
      accountId: "000000000000",
      apiId: "test",
      domainName: "test",
      domainPrefix: "test",
      http: { method, path: template, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
      requestId: "1",
      routeKey,
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : body.toString("base64") }),
    isBase64Encoded: body !== undefined && typeof body !== "string",
  }
  const result = await handler(event, { getRemainingTimeInMillis: () => timeLeftMs } as Context)
  const headers: Record<string, string> = Object.fromEntries(
    Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]),
  )
  return { status: result.statusCode, headers, body: result.body === undefined ? undefined : JSON.parse(result.body) }
}
