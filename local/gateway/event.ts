import { isUtf8 } from "node:buffer"
import type { APIGatewayProxyEventV2 } from "aws-lambda"
import type { Route } from "../../core/contracts/http/routes.ts"
import { localAccount } from "../host/lambda-context.ts"
import { nameBehindEdge } from "./edge-headers.ts"

/** An HTTP request as it arrived, nothing normalised. */
export interface HttpRequest {
  readonly method: string
  /** Of the request target, as `splitTarget` gives them. */
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
  /** By lower-case name, what was sent twice joined by a comma. */
  readonly headers: Record<string, string>
  readonly cookies: readonly string[]
  /** What only concerns the hop to here. */
  readonly hasTransferEncoding: boolean
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
 * A body that is not UTF-8, or is encoded, comes as base64: as text it would reach the handler already mended, and bad input must
 * be refused.
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
 * Reads the names and values of a request, which stand in turn, as sent.
 *
 * @param takesTestHeaders whether the client may say what an edge would have said of him
 */
export function readHeaders(rawHeaders: readonly string[], takesTestHeaders = false): ReceivedHeaders {
  // Without a prototype, so that a header named __proto__ is one like any other.
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

/**
 * The headers with those that say where the request came from. They are completed and not copied: nobody else wants them as they
 * were.
 */
function forwarded({ received: { headers }, sourceIp }: HttpRequest): Record<string, string> {
  const before = headers["x-forwarded-for"]
  headers["x-forwarded-for"] = before === undefined ? sourceIp : `${before}, ${sourceIp}`
  headers["x-forwarded-port"] = headers.host?.split(":")[1] ?? "80"
  headers["x-forwarded-proto"] = "http"
  return headers
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
