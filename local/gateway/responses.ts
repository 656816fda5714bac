import type { ServerResponse } from "node:http"
import type { HttpAnswer } from "./answer.ts"
import type { GatewayLimits } from "./limits.ts"

/** Writes answers to their connections. */
export interface Responses {
  send(response: ServerResponse, answer: HttpAnswer): void
  /** From now on each answer closes its connection: the gateway stops. */
  closeConnections(): void
}

export function createResponses({ unreadAnswerMs }: GatewayLimits): Responses {
  let isStopping = false

  /** An answer that its client does not read stays in memory and keeps its connection open. Both must end. */
  function disconnectUnlessRead(response: ServerResponse): void {
    const timer = setTimeout(() => response.req.socket.destroy(), unreadAnswerMs)
    response.once("close", () => clearTimeout(timer))
  }

  return {
    send(response, { statusCode, headers, body }) {
      if (isStopping) response.shouldKeepAlive = false
      response.writeHead(statusCode, body.length > 0 ? { ...headers, "content-length": Buffer.byteLength(body) } : headers)
      response.end(body)
      if (!response.writableFinished) disconnectUnlessRead(response)
    },
    closeConnections() {
      isStopping = true
    },
  }
}
