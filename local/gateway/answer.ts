import type { APIGatewayProxyResultV2 } from "aws-lambda"
import { problemDocument } from "../../core/contracts/http/problem.ts"
import { type ProblemDetails, type ProblemSlug, problems } from "../../core/contracts/problems.ts"

/** The response to the client. */
export interface HttpAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: string | Buffer
}

/**
 * Turns the result of a handler into an HTTP response. As in API Gateway, a result without a status code is a 200 with the result
 * in JSON as its body (payload format 2.0).
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

/** A refusal of the gateway itself, as a problem of the API. */
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
