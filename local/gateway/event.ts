import { isUtf8 } from "node:buffer"
import type { APIGatewayProxyEventV2 } from "aws-lambda"
import type { Route } from "../../core/contracts/http/routes.ts"
import { localAccount } from "../host/lambda-context.ts"

/** An HTTP request as it arrived, nothing normalised. */
export interface HttpRequest {
  readonly method: string
  /** The request target: path and query. */
  readonly target: string
  /** `1.1` */
  readonly httpVersion: string
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly sourceIp: string
  readonly requestId: string
  readonly receivedAt: Date
}

/** Headers between two hops, which API Gateway keeps to itself; cookies have a place of their own in the event. */
const withheldHeaders: ReadonlySet<string> = new Set(["connection", "cookie", "keep-alive", "transfer-encoding", "upgrade"])

const apiId = "local"

/** The path and the query of a request target; the authority of an absolute target is dropped, the path stays as it was sent. */
export function splitTarget(target: string): { path: string; query: string } {
  const origin = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "")
  const mark = origin.indexOf("?")
  const path = mark === -1 ? origin : origin.slice(0, mark)
  return { path: path === "" ? "/" : path, query: mark === -1 ? "" : origin.slice(mark + 1) }
}

/**
 * The event of API Gateway's HTTP API for a request, payload format 2.0.
 *
 * A body that is not UTF-8, or is encoded, comes as base64: as text it would reach the handler already mended, and bad input must be refused.
 */
export function toApiGatewayEvent(
  request: HttpRequest,
  match: { route: Route; parameters: Record<string, string> } | undefined,
): APIGatewayProxyEventV2 {
  const { path, query } = splitTarget(request.target)
  const { headers, cookies } = readHeaders(request.rawHeaders)
  const routeKey = match ? `${match.route.method} ${match.route.path}` : "$default"
  const asText = headers["content-encoding"] === undefined && isUtf8(request.body)
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers: { ...headers, ...forwardedHeaders(request, headers) },
    ...(query !== "" && { queryStringParameters: queryParameters(query) }),
    ...(match && Object.keys(match.parameters).length > 0 && { pathParameters: match.parameters }),
    requestContext: {
      accountId: localAccount,
      apiId,
      domainName: headers.host ?? "",
      domainPrefix: (headers.host ?? "").split(".")[0] ?? "",
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: request.requestId,
      routeKey,
      stage: "$default",
      time: commonLogTime(request.receivedAt),
      timeEpoch: request.receivedAt.getTime(),
    },
    ...(request.body.length > 0 && { body: request.body.toString(asText ? "utf8" : "base64") }),
    isBase64Encoded: request.body.length > 0 && !asText,
  }
}

/** Headers by lower-case name, what was sent twice joined by a comma; and the cookies, one by one. */
function readHeaders(rawHeaders: readonly string[]): { headers: Record<string, string>; cookies: string[] } {
  // Without a prototype, so that a header named __proto__ is one like any other.
  const headers: Record<string, string> = Object.create(null)
  const cookies: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ""
    const value = rawHeaders[index + 1] ?? ""
    if (name === "cookie") cookies.push(...value.split(/; */).filter(Boolean))
    if (withheldHeaders.has(name)) continue
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before},${value}`
  }
  return { headers, cookies }
}

function forwardedHeaders({ sourceIp }: HttpRequest, headers: Record<string, string>): Record<string, string> {
  const before = headers["x-forwarded-for"]
  return {
    "x-forwarded-for": before === undefined ? sourceIp : `${before}, ${sourceIp}`,
    "x-forwarded-port": headers.host?.split(":")[1] ?? "80",
    "x-forwarded-proto": "http",
  }
}

/** Decoded; what was given twice is joined by a comma. */
function queryParameters(query: string): Record<string, string> {
  const joined = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined.get(name)
    joined.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries(joined)
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

let formatted = { second: -1, text: "" }

/** `12/Mar/2020:19:03:58 +0000`; all requests of a second share it. */
function commonLogTime(at: Date): string {
  const second = Math.floor(at.getTime() / 1_000)
  if (formatted.second !== second) formatted = { second, text: formatLogTime(at) }
  return formatted.text
}

function formatLogTime(at: Date): string {
  const [date = "", time = ""] = at.toISOString().split("T")
  const [year, , day] = date.split("-")
  return `${day}/${months[at.getUTCMonth()]}/${year}:${time.slice(0, 8)} +0000`
}
