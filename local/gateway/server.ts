import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { logger } from "../../core/adapters/telemetry.ts"
import { defaultLambda, findRoute } from "../../core/contracts/http/routes.ts"
import { type ProblemDetails, ProblemError, type ProblemSlug } from "../../core/contracts/problems.ts"
import { trackIdleConnections } from "../host/idle-connections.ts"
import { closeFunctions } from "../host/runtimes.ts"
import { answerOf, type HttpAnswer, problemAnswer } from "./answer.ts"
import { createBodyReader } from "./body.ts"
import { type HttpRequest, type ReceivedHeaders, readHeaders, splitTarget, toApiGatewayEvent } from "./event.ts"
import type { ApiFunctions } from "./handlers.ts"
import { invoke } from "./invoke.ts"
import { type GatewayLimits, gatewayLimits } from "./limits.ts"
import type { LocalRoute } from "./local-routes.ts"
import { boundPipelines } from "./pipelines.ts"
import { notHttp, refuseBody, refuseConnection } from "./refusals.ts"

export interface GatewayOptions {
  readonly functions: ApiFunctions
  readonly localRoutes?: readonly LocalRoute[]
  readonly limits?: Partial<GatewayLimits>
  /** Other gateways listen on the same port, and the kernel deals out the connections (SO_REUSEPORT). */
  readonly sharesPort?: boolean
  /** Clients may say what an edge would have said of them (edge-headers.ts): for load tests only. */
  readonly takesTestHeaders?: boolean
}

export interface Gateway {
  /** Starts to listen on 127.0.0.1; port 0 picks a free one. @returns the port @throws Error when the port is taken */
  listen(port: number): Promise<number>
  /** Accepts nothing more, lets requests in flight end, closes every connection. */
  close(): Promise<void>
}

const overloadRetrySeconds = 1

/** API Gateway's HTTP API on one machine: HTTP in, an event to the function of the route, its result back as HTTP. */
export function createGateway({
  functions,
  localRoutes = [],
  limits: overrides = {},
  sharesPort: reusePort = false,
  takesTestHeaders = false,
}: GatewayOptions): Gateway {
  const limits = { ...gatewayLimits, ...overrides }
  const bodies = createBodyReader(limits)
  let running = 0
  let draining = false

  async function answerRequest(request: HttpRequest): Promise<HttpAnswer> {
    const { method, path, received } = request
    const refuse = (slug: ProblemSlug, details: ProblemDetails = {}) =>
      problemAnswer(slug, details, correlationIdOf(received), path)

    const local = localRoutes.filter((route) => route.path === path)
    if (local.length > 0) {
      const route = local.find((candidate) => candidate.method === method)
      if (!route) return refuse("method-not-allowed", { headers: { allow: local.map((one) => one.method).join(", ") } })
      return answerLocally(route, request, refuse)
    }

    const match = findRoute(method, path)
    const name = match?.route.lambda ?? defaultLambda
    const target = functions.get(name)
    if (!target) return refuse("internal-error")
    if (running >= limits.maxConcurrentRequests)
      return refuse("temporarily-unavailable", { retryAfterSeconds: overloadRetrySeconds })
    running += 1
    try {
      const invocation = await invoke(name, target, toApiGatewayEvent(request, match), limits.handlerTimeoutMs)
      if (invocation.kind === "timed-out") return refuse("outcome-unknown", { retryAfterSeconds: overloadRetrySeconds })
      return invocation.kind === "failed" ? refuse("internal-error") : answerOf(invocation.result)
    } finally {
      running -= 1
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = readHeaders(request.rawHeaders, takesTestHeaders)
    if (request.httpVersion === "1.1" && received.headers.host === undefined) {
      return send(response, notHttp(correlationIdOf(received)))
    }
    const target = splitTarget(request.url ?? "/")
    const body = await bodies.read(request, received)
    try {
      if (body.kind === "body") return send(response, await answerRequest(httpRequest(request, target, received, body.bytes)))
      if (body.kind === "gone") return
      const slug = body.kind === "too-large" ? "payload-too-large" : "temporarily-unavailable"
      const refusal = problemAnswer(slug, {}, correlationIdOf(received), target.path)
      await refuseBody(request, response, refusal, limits.lingerMs)
    } finally {
      bodies.release(body)
    }
  }

  function send(response: ServerResponse, { statusCode, headers, body }: HttpAnswer): void {
    if (draining) response.shouldKeepAlive = false
    response.writeHead(statusCode, body.length > 0 ? { ...headers, "content-length": Buffer.byteLength(body) } : headers)
    response.end(body)
    if (!response.writableFinished) cutOffUnread(response)
  }

  /** What a client does not read stays in our memory, and his connection in use: neither for ever. */
  function cutOffUnread(response: ServerResponse): void {
    const timer = setTimeout(() => response.req.socket.destroy(), limits.unreadAnswerMs)
    response.once("close", () => clearTimeout(timer))
  }

  const server: Server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.slowClientMs,
      requestTimeout: limits.slowClientMs,
      connectionsCheckingInterval: limits.slowClientMs / 20,
      keepAliveTimeout: limits.keepAliveMs,
      // Answered here, with a problem document.
      requireHostHeader: false,
    },
    accept,
  )
  server.maxConnections = limits.maxConnections
  server.maxHeadersCount = 0
  server.on("checkExpectation", accept)
  server.on("connect", (_request, socket) => refuseConnection(socket as Socket, undefined, limits.lingerMs))

  const closeIdleConnections = trackIdleConnections(server)

  const answering = new WeakMap<object, ServerResponse>()
  const refused = new WeakSet<object>()

  const mayBeAnswered = boundPipelines(limits.maxPipelinedRequests)

  function accept(request: IncomingMessage, response: ServerResponse): void {
    if (!mayBeAnswered(request.socket, response)) return
    answering.set(request.socket, response)
    serve(request, response).catch((error: unknown) => {
      logger.error("A request could not be answered", { error: error as Error })
      if (response.headersSent) request.socket.destroy()
      else send(response, problemAnswer("internal-error", {}, correlationIdOf(readHeaders(request.rawHeaders))))
    })
  }

  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (refused.has(socket)) return
    refused.add(socket)
    // Where an answer has begun, a second one would be read as its rest.
    const pending = answering.get(socket)
    if (pending?.headersSent && !pending.writableFinished) socket.destroy()
    else refuseConnection(socket as Socket, error.code, limits.lingerMs)
  })

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        const listening = () => resolve((server.address() as AddressInfo).port)
        server.once("error", reject).listen({ port, host: "127.0.0.1", reusePort }, listening)
      }),
    async close() {
      draining = true
      const closed = new Promise((resolve) => server.close(resolve))
      closeIdleConnections()
      await Promise.race([closed, delay(limits.drainMs, undefined, { ref: false })])
      server.closeAllConnections()
      await closeFunctions(functions)
    },
  }
}

async function answerLocally(
  route: LocalRoute,
  { body, received }: HttpRequest,
  refuse: (slug: ProblemSlug, details: ProblemDetails) => HttpAnswer,
): Promise<HttpAnswer> {
  try {
    const answer = await route.answer(body)
    return { ...answer, headers: { "x-correlation-id": correlationIdOf(received), ...answer.headers } }
  } catch (error) {
    if (error instanceof ProblemError) return refuse(error.slug, error.details)
    throw error
  }
}

const httpRequest = (
  request: IncomingMessage,
  { path, query }: ReturnType<typeof splitTarget>,
  received: ReceivedHeaders,
  body: Buffer,
): HttpRequest => ({
  method: request.method ?? "",
  path,
  query,
  httpVersion: request.httpVersion,
  received,
  body,
  sourceIp: request.socket.remoteAddress ?? "",
  requestId: randomUUID(),
  receivedAt: new Date(),
})

/** The client's own id if it is a plain one, so that both sides log the same; otherwise a new one. */
function correlationIdOf({ headers }: ReceivedHeaders): string {
  const given = headers["x-correlation-id"]
  return given !== undefined && /^[!-~]{1,128}$/.test(given) ? given : randomUUID()
}
