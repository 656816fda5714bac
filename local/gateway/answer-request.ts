import { defaultLambda, findRoute } from "../../core/contracts/http/routes.ts"
import { type ProblemDetails, ProblemError, type ProblemSlug } from "../../core/contracts/problems.ts"
import { answerOf, type HttpAnswer, problemAnswer } from "./answer.ts"
import { correlationIdOf } from "./correlation-id.ts"
import { type HttpRequest, toApiGatewayEvent } from "./event.ts"
import type { ApiFunctions } from "./handlers.ts"
import { invoke } from "./invoke.ts"
import type { GatewayLimits } from "./limits.ts"
import type { LocalRoute } from "./local-routes.ts"
import type { Page } from "./page.ts"

const overloadRetrySeconds = 1

/** Answers a request whose headers and body are complete. */
export type AnswerRequest = (request: HttpRequest) => Promise<HttpAnswer>

type Refuse = (slug: ProblemSlug, details?: ProblemDetails) => HttpAnswer

export interface AnsweringParts {
  readonly functions: ApiFunctions
  readonly localRoutes: readonly LocalRoute[]
  readonly page?: Page | undefined
  readonly limits: GatewayLimits
}

/**
 * Answers local routes and files of the page itself. Every other request goes to the function of its route, or to the default
 * function.
 */
export function createAnswerRequest({ localRoutes, ...parts }: AnsweringParts): AnswerRequest {
  const invokeFunction = createInvokeFunction(parts)
  return async (request) => {
    const { method, path, received } = request
    const refuse: Refuse = (slug, details = {}) => problemAnswer(slug, details, correlationIdOf(received), path)
    const local = localRoutes.filter((route) => route.path === path)
    if (local.length === 0) return invokeFunction(request, refuse)
    const route = local.find((candidate) => candidate.method === method)
    if (!route) return refuse("method-not-allowed", { headers: { allow: local.map((one) => one.method).join(", ") } })
    return answerLocally(route, request, refuse)
  }
}

function createInvokeFunction({ functions, page, limits }: Omit<AnsweringParts, "localRoutes">) {
  const { maxConcurrentRequests, handlerTimeoutMs } = limits
  let running = 0
  return async (request: HttpRequest, refuse: Refuse): Promise<HttpAnswer> => {
    const match = findRoute(request.method, request.path)
    // Only a path that is no route of the API can be a file: a request of the API does not pay for the page.
    const file = match === undefined ? page?.answer(request) : undefined
    if (file) return file
    const name = match?.route.lambda ?? defaultLambda
    const target = functions.get(name)
    if (!target) return refuse("internal-error")
    if (running >= maxConcurrentRequests) return refuse("temporarily-unavailable", { retryAfterSeconds: overloadRetrySeconds })
    running += 1
    try {
      const invocation = await invoke(name, target, toApiGatewayEvent(request, match), handlerTimeoutMs)
      if (invocation.kind === "timed-out") return refuse("outcome-unknown", { retryAfterSeconds: overloadRetrySeconds })
      return invocation.kind === "failed" ? refuse("internal-error") : answerOf(invocation.result)
    } finally {
      running -= 1
    }
  }
}

async function answerLocally(route: LocalRoute, { body, received }: HttpRequest, refuse: Refuse): Promise<HttpAnswer> {
  try {
    const answer = await route.answer(body)
    return { ...answer, headers: { "x-correlation-id": correlationIdOf(received), ...answer.headers } }
  } catch (error) {
    if (error instanceof ProblemError) return refuse(error.slug, error.details)
    throw error
  }
}
