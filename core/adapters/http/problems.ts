import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda"
import { problemDocument } from "../../contracts/http/problem.ts"
import { wholeApi } from "../../contracts/metrics.ts"
import { type ProblemDetails, type ProblemError, problem, problems } from "../../contracts/problems.ts"
import { isUnavailable } from "../failure-kind.ts"
import { count, countBy, logger } from "../telemetry.ts"
import { logKeys } from "./correlation.ts"
import { problemFor } from "./error-problems.ts"
import { type Exchange, encode, type Step } from "./exchange.ts"
import { TimeIsUp } from "./in-time.ts"

/** The least status of an error that is our fault. */
export const serverErrors = 500

/** The time for a retry when no better time is known. The client itself waits longer after further failures. */
const defaultRetryAfterSeconds = 1

/** In an outage thousands of requests a second fail in the same way. One log line a second is enough. */
const outageLogIntervalMs = 1_000

/** Turns an error into a problem document. An unexpected error is logged, and its details do not reach the client. */
export const problemDocuments = (): Step => ({
  onError: (request) => {
    request.response = refuse(request.event, problemOf(request.error, request.event))
  },
})

let outageLoggedAtMs = 0

function problemOf(error: unknown, exchange: Exchange): ProblemError {
  const expected = problemFor(error)
  if (expected) return expected
  // An aborted read changed nothing. Any other request may have taken effect.
  if (error instanceof TimeIsUp && exchange.endpoint.method !== "GET") return problem("outcome-unknown", {}, error)
  if (error instanceof TimeIsUp || isUnavailable(error)) {
    if (Date.now() - outageLoggedAtMs >= outageLogIntervalMs) {
      outageLoggedAtMs = Date.now()
      logger.warn("A dependency does not answer or refuses; the client is asked to try again", {
        ...logKeys(exchange),
        error: error as Error,
      })
    }
    return problem("temporarily-unavailable", {}, error)
  }
  logger.error("A request failed with an unexpected error; its client reads internal-error", {
    ...logKeys(exchange),
    error: error as Error,
  })
  return problem("internal-error", {}, error)
}

/** The response that says why there is no other. */
export function refuse(exchange: Exchange, { slug, details }: ProblemError): APIGatewayProxyStructuredResultV2 {
  if (problems[slug].status >= serverErrors) {
    count("error.rate")
    count("error.rate", 1, wholeApi)
    countBy("error.rate", { problem: slug })
  }
  const retryAfterSeconds = retryAfterOf(slug, details)
  return encode(exchange, {
    status: problems[slug].status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(retryAfterSeconds !== undefined && { "retry-after": String(Math.max(1, Math.ceil(retryAfterSeconds))) }),
      ...details.headers,
    },
    body: problemDocument(slug, details, exchange.event.rawPath),
  })
}

function retryAfterOf(slug: ProblemError["slug"], { retryAfterSeconds }: ProblemDetails): number | undefined {
  const { retry, status } = problems[slug]
  return retryAfterSeconds ?? (retry === "after" || status === 503 ? defaultRetryAfterSeconds : undefined)
}
