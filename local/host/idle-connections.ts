import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"

/**
 * Knows which connections of a server carry a request. Node takes a connection that was opened and never used, or sent half a
 * header, for a busy one, and a server that stops would wait for it.
 *
 * @returns closes every connection that carries no request
 */
export function trackIdleConnections(server: Server): () => void {
  // Answers of a connection end in the order of its requests: with the last one, all have.
  const lastAnswers = new Map<Socket, ServerResponse | undefined>()
  const carry = ({ socket }: IncomingMessage, response: ServerResponse) => lastAnswers.set(socket, response)
  server.on("request", carry).on("checkExpectation", carry)
  server.on("connection", (socket) => {
    lastAnswers.set(socket, undefined)
    socket.once("close", () => lastAnswers.delete(socket))
  })
  return () => {
    for (const [socket, answer] of lastAnswers) if (answer === undefined || answer.closed) socket.destroy()
  }
}
