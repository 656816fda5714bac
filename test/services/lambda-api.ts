import { buffer } from "node:stream/consumers"
import { lambdaContext } from "../../local/host/lambda-context.ts"
import { localServer } from "./local-server.ts"
import { awsVariables } from "./secrets-manager.ts"

type Handler = (event: unknown, context: ReturnType<typeof lambdaContext>) => Promise<unknown>

export interface LambdaApi {
  /** For separate processes that invoke functions. */
  readonly variables: Readonly<Record<string, string>>
  /** The functions invoked so far. */
  readonly invoked: readonly string[]
  close(): Promise<void>
}

/**
 * Answers Invoke of Lambda over HTTP, to the real client of the SDK, with these handlers in this process, by function name.
 * @param reserved concurrency by function name: Lambda refuses what comes beyond it. Absent: not limited
 */
export async function lambdaApi(
  handlers: Readonly<Record<string, Handler>>,
  timeoutMs: number,
  reserved: Readonly<Record<string, number>> = {},
): Promise<LambdaApi> {
  const invoked: string[] = []
  const running = new Map<string, number>()
  const server = await localServer(async (request, response) => {
    const [, name = ""] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? "") ?? []
    const event: unknown = JSON.parse((await buffer(request)).toString())
    response.setHeader("content-type", "application/json").setHeader("x-amzn-requestid", "the-request")
    const handler = handlers[decodeURIComponent(name)]
    if (handler === undefined) {
      response
        .setHeader("x-amzn-errortype", "ResourceNotFoundException")
        .writeHead(404)
        .end(JSON.stringify({ Message: name }))
      return
    }
    const atOnce = running.get(name) ?? 0
    if (atOnce >= (reserved[name] ?? Number.POSITIVE_INFINITY)) {
      response
        .setHeader("x-amzn-errortype", "TooManyRequestsException")
        .writeHead(429)
        .end(JSON.stringify({ Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" }))
      return
    }
    running.set(name, atOnce + 1)
    invoked.push(name)
    const endsAtMs = performance.now() + timeoutMs
    try {
      const result = await handler(
        event,
        lambdaContext(name, () => endsAtMs - performance.now()),
      )
      response.end(JSON.stringify(result))
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error
      response.setHeader("x-amz-function-error", "Unhandled").end(JSON.stringify({ errorType, errorMessage }))
    } finally {
      running.set(name, (running.get(name) ?? 1) - 1)
    }
  })
  return {
    variables: { ...awsVariables, AWS_ENDPOINT_URL_LAMBDA: server.url },
    invoked,
    close: server.close,
  }
}
