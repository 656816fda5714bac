import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from "aws-lambda"
import { logger } from "../../core/adapters/telemetry.ts"
import { asFunction } from "../host/function-in-work.ts"
import { lambdaContext } from "../host/lambda-context.ts"
import type { ApiFunction } from "./handlers.ts"

export type Invocation =
  | { readonly kind: "result"; readonly result: APIGatewayProxyResultV2 }
  | { readonly kind: "failed" }
  | { readonly kind: "timed-out" }

/**
 * Invokes a function and waits for at most `timeoutMs`. The function may continue after that, as a Lambda behind API Gateway
 * does.
 */
export function invoke(
  name: string,
  { handler }: ApiFunction,
  event: APIGatewayProxyEventV2,
  timeoutMs: number,
): Promise<Invocation> {
  const endsAtMs = performance.now() + timeoutMs
  const context = lambdaContext(name, () => endsAtMs - performance.now())
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs, { kind: "timed-out" })
    const finish = (invocation: Invocation) => {
      clearTimeout(timer)
      resolve(invocation)
    }
    const fail = (error: unknown) => {
      logger.error("A function failed; the client gets 500", { function: name, route: event.routeKey, error: error as Error })
      finish({ kind: "failed" })
    }
    try {
      asFunction(name, () => handler(event, context)).then((result) => finish({ kind: "result", result }), fail)
    } catch (error) {
      fail(error)
    }
  })
}
