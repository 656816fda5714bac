import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { logger } from "../../core/adapters/telemetry.ts"
import { trackIdleConnections } from "../host/idle-connections.ts"
import { closeFunctions } from "../host/runtimes.ts"
import { problemAnswer } from "./answer.ts"
import { createAnswerRequest } from "./answer-request.ts"
import { correlationIdOf } from "./correlation-id.ts"
import { readHeaders } from "./event.ts"
import type { ApiFunctions } from "./handlers.ts"
import { type GatewayLimits, gatewayLimits } from "./limits.ts"
import { createListeners } from "./listeners.ts"
import type { LocalRoute } from "./local-routes.ts"
import type { Page } from "./page.ts"
import { boundPipelines } from "./pipelines.ts"
import { refuseConnection } from "./refusals.ts"
import { createResponses, type Responses } from "./responses.ts"
import { createServeRequest } from "./serve-request.ts"

export interface GatewayOptions {
  readonly functions: ApiFunctions
  readonly localRoutes?: readonly LocalRoute[]
  /** The shop's page; without it the gateway serves the API alone. */
  readonly page?: Page
  readonly limits?: Partial<GatewayLimits>
  /** Other gateways listen on the same port; the kernel distributes the connections (SO_REUSEPORT). */
  readonly sharesPort?: boolean
  /** Clients may send the headers that only an edge sends (edge-headers.ts). For load tests only. */
  readonly takesTestHeaders?: boolean
}

export interface Gateway {
  /**
   * Starts to listen on a port of 127.0.0.1, or on a socket file; port 0 picks a free one.
   * @returns the port, 0 for a file @throws Error when the port or the file is taken
   */
  listen(address: number | string): Promise<number>
  /** Accepts no more requests, waits for those in flight, then closes every connection. */
  close(): Promise<void>
}

/**
 * API Gateway's HTTP API on one machine. It turns a request into an event for the function of the route, and the function's
 * result into the response. It runs on node:http, and not on a web framework (docs/adr/0032-node-http-not-a-web-framework.md).
 */
export function createGateway({
  functions,
  localRoutes = [],
  page,
  limits: overrides = {},
  sharesPort = false,
  takesTestHeaders = false,
}: GatewayOptions): Gateway {
  const limits = { ...gatewayLimits, ...overrides }
  const responses = createResponses(limits)
  const answerRequest = createAnswerRequest({ functions, localRoutes, page, limits })
  const serve = createServeRequest({ limits, takesTestHeaders, answerRequest, responses })
  const server = createLimitedServer(limits, serve, responses)
  const { maxConnections, maxUnacceptedConnections: backlog } = limits
  const listeners = createListeners(server, { maxConnections, backlog, sharesPort })
  const closeIdleConnections = trackIdleConnections(server)

  return {
    listen: listeners.listen,
    async close() {
      responses.closeConnections()
      const closed = listeners.close()
      closeIdleConnections()
      await Promise.race([closed, delay(limits.drainMs, undefined, { ref: false })])
      server.closeAllConnections()
      await closeFunctions(functions)
    },
  }
}

type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * An HTTP server that bounds what a client may cost. The body reader and the responses hold the limits that Node has no option
 * for.
 */
function createLimitedServer(limits: GatewayLimits, serve: Serve, responses: Responses): Server {
  const mayBeAnswered = boundPipelines(limits.maxPipelinedRequests)
  const latestResponse = new WeakMap<object, ServerResponse>()

  const accept: RequestListener = (request, response) => {
    if (!mayBeAnswered(request.socket, response)) return
    latestResponse.set(request.socket, response)
    serve(request, response).catch((error: unknown) => {
      logger.error("A request could not be answered; the client gets 500, or is disconnected", { error: error as Error })
      if (response.headersSent) request.socket.destroy()
      else responses.send(response, problemAnswer("internal-error", {}, correlationIdOf(readHeaders(request.rawHeaders))))
    })
  }

  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.slowClientMs,
      requestTimeout: limits.slowClientMs,
      connectionsCheckingInterval: limits.slowClientMs / 20,
      keepAliveTimeout: limits.keepAliveMs,
      // The gateway refuses it itself, with a problem document.
      requireHostHeader: false,
    },
    accept,
  )
  server.maxHeadersCount = 0
  server.on("checkExpectation", accept)
  server.on("connect", (_request, socket) => refuseConnection(socket as Socket, undefined, limits.lingerMs))
  server.on(
    "clientError",
    refuseOnce(limits, (socket) => latestResponse.get(socket)),
  )
  return server
}

/** Answers the first error of a connection, unless an answer is being written: a second one would be read as its rest. */
function refuseOnce({ lingerMs }: GatewayLimits, latestResponseOf: (socket: object) => ServerResponse | undefined) {
  const refused = new WeakSet<object>()
  return (error: NodeJS.ErrnoException, socket: object) => {
    if (refused.has(socket)) return
    refused.add(socket)
    const latest = latestResponseOf(socket)
    if (latest?.headersSent && !latest.writableFinished) (socket as Socket).destroy()
    else refuseConnection(socket as Socket, error.code, lingerMs)
  }
}
