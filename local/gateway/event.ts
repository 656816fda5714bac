import { isUtf8 } from "node:buffer"
import type { APIGatewayProxyEventV2 } from "aws-lambda"
import type { Route } from "../../core/contracts/http/routes.ts"
import { localAccount } from "../host/lambda-context.ts"
import { nameBehindEdge } from "./edge-headers.ts"

/** An HTTP request as it arrived, without any normalisation. */
export interface HttpRequest {
  readonly method: string
  /** Path and query of the request target, from `splitTarget`. */
  readonly path: string
  readonly query: string
  /** `1.1` */
  readonly httpVersion: string
  readonly received: ReceivedHeaders
  readonly body: Buffer
  readonly sourceIp: string
  readonly requestId: string
  readonly receivedAt: Date
}

/** Headers as API Gateway passes them on. */
export interface ReceivedHeaders {
  /** By lower-case name. The values of a header that was sent twice are joined by a comma. */
  readonly headers: Record<string, string>
  readonly cookies: readonly string[]
  /** The header concerns only the connection to this gateway. */
  readonly hasTransferEncoding: boolean
}

/** Headers between two hops, which API Gateway does not pass on. Cookies have their own member in the event. */
const withheldHeaders: ReadonlySet<string> = new Set(["connection", "cookie", "keep-alive", "transfer-encoding", "upgrade"])

const apiId = "local"

/** The path and the query of a request target. The authority of an absolute target is dropped; the path stays as it was sent. */
export function splitTarget(target: string): { path: string; query: string } {
  const origin = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "")
  const mark = origin.indexOf("?")
  const path = mark === -1 ? origin : origin.slice(0, mark)
  return { path: path === "" ? "/" : path, query: mark === -1 ? "" : origin.slice(mark + 1) }
}

/**
 * Turns a request into the event of API Gateway's HTTP API, payload format 2.0.
 *
 * A body that is not UTF-8, or is encoded, becomes base64. As text it would reach the handler repaired, but the handler must
 * refuse bad input.
 */
export function toApiGatewayEvent(
  request: HttpRequest,
  match: { route: Route; parameters: Record<string, string> } | undefined,
): APIGatewayProxyEventV2 {
  const { path, query } = request
  const { headers, cookies } = request.received
  const routeKey = match ? `${match.route.method} ${match.route.path}` : "$default"
  const asText = headers["content-encoding"] === undefined && isUtf8(request.body)
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies: [...cookies] }),
    headers: forwarded(request),
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

/**
 * Reads the names and values of a request, which alternate, as they were sent.
 *
 * @param takesTestHeaders whether clients may send the headers that only an edge sends
 */
export function readHeaders(rawHeaders: readonly string[], takesTestHeaders = false): ReceivedHeaders {
  // Without a prototype, a header named __proto__ is like any other.
  const headers: Record<string, string> = Object.create(null)
  const cookies: string[] = []
  let hasTransferEncoding = false
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index]?.toLowerCase() ?? ""
    const name = nameBehindEdge(sent, takesTestHeaders)
    const value = rawHeaders[index + 1] ?? ""
    if (name === "cookie") cookies.push(...value.split(/; */).filter(Boolean))
    if (name === "transfer-encoding") hasTransferEncoding = true
    if (name === undefined || withheldHeaders.has(name)) continue
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before},${value}`
  }
  return { headers, cookies, hasTransferEncoding }
}

/** Adds the headers that say where the request came from. It changes them in place: no other code needs the original. */
function forwarded({ received: { headers }, sourceIp }: HttpRequest): Record<string, string> {
  const before = headers["x-forwarded-for"]
  headers["x-forwarded-for"] = before === undefined ? sourceIp : `${before}, ${sourceIp}`
  headers["x-forwarded-port"] = headers.host?.split(":")[1] ?? "80"
  headers["x-forwarded-proto"] = "http"
  return headers
}

/** Decoded. The values of a parameter that was given twice are joined by a comma. */
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

/** `12/Mar/2020:19:03:58 +0000`. It is formatted once a second, for all requests of that second. */
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
