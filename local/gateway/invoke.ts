import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from "aws-lambda"
import { logger } from "../../core/adapters/telemetry.ts"
import { lambdaContext } from "../host/lambda-context.ts"
import type { ApiFunction } from "./handlers.ts"

export type Invocation =
  | { readonly kind: "result"; readonly result: APIGatewayProxyResultV2 }
  | { readonly kind: "failed" }
  | { readonly kind: "timed-out" }

/** Invokes a function and waits for `timeoutMs` at most; it may go on after that, as a Lambda behind API Gateway does. */
export async function invoke(
  name: string,
  { handler }: ApiFunction,
  event: APIGatewayProxyEventV2,
  timeoutMs: number,
): Promise<Invocation> {
  const endsAtMs = performance.now() + timeoutMs
  const context = lambdaContext(name, () => endsAtMs - performance.now())
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<Invocation>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, { kind: "timed-out" })
  })
  const work = (async (): Promise<Invocation> => {
    try {
      return { kind: "result", result: await handler(event, context) }
    } catch (error) {
      logger.error("A function failed", { function: name, route: event.routeKey, error: error as Error })
      return { kind: "failed" }
    }
  })()
  const invocation = await Promise.race([work, timeout])
  clearTimeout(timer)
  return invocation
}
