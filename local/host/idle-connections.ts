import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"

/**
 * Knows which connections of a server carry a request. Node takes a connection that was opened and never used, or sent half a header,
 * for a busy one, and a server that stops would wait for it.
 *
 * @returns closes every connection that carries no request
 */
export function trackIdleConnections(server: Server): () => void {
  const requests = new Map<Socket, number>()
  const carry = ({ socket }: IncomingMessage, response: ServerResponse) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1)
    response.once("close", () => {
      const left = requests.get(socket)
      if (left !== undefined) requests.set(socket, left - 1)
    })
  }
  server.on("request", carry).on("checkExpectation", carry)
  server.on("connection", (socket) => {
    requests.set(socket, 0)
    socket.once("close", () => requests.delete(socket))
  })
  return () => {
    for (const [socket, count] of requests) if (count === 0) socket.destroy()
  }
}
