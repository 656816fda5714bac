import type { APIGatewayProxyResultV2 } from "aws-lambda"
import { problemDocument } from "../../core/contracts/http/problem.ts"
import { type ProblemDetails, type ProblemSlug, problems } from "../../core/contracts/problems.ts"

/** What goes back to the client. */
export interface HttpAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: string | Buffer
}

/**
 * The HTTP answer of what a handler returned. As in API Gateway, a result without a status code is a 200 whose body is the
 * result in JSON (payload format 2.0).
 */
export function answerOf(result: APIGatewayProxyResultV2): HttpAnswer {
  if (typeof result === "string") return { statusCode: 200, headers: jsonHeaders, body: result }
  const { statusCode, headers = {}, body = "", isBase64Encoded = false, cookies = [] } = result
  if (statusCode === undefined) return { statusCode: 200, headers: jsonHeaders, body: JSON.stringify(result) }
  const sent: Record<string, string | string[]> = {}
  for (const name in headers) sent[name.toLowerCase()] = String(headers[name])
  if (cookies.length > 0) sent["set-cookie"] = cookies
  return { statusCode, headers: sent, body: isBase64Encoded ? Buffer.from(body, "base64") : body }
}

const jsonHeaders = { "content-type": "application/json" }

/** The gateway's own refusals, in the words of the API. */
export function problemAnswer(slug: ProblemSlug, details: ProblemDetails, correlationId: string, instance?: string): HttpAnswer {
  return {
    statusCode: problems[slug].status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-correlation-id": correlationId,
      ...(details.retryAfterSeconds !== undefined && { "retry-after": String(details.retryAfterSeconds) }),
      ...details.headers,
    },
    body: JSON.stringify(problemDocument(slug, details, instance)),
  }
}
