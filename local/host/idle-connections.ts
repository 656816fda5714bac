import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"

/**
 * Tracks which connections of a server carry a request. Node counts a connection that was opened and never used, or that sent
 * half a header, as busy, and a server that stops would wait for it.
 *
 * @returns closes every connection that carries no request
 */
export function trackIdleConnections(server: Server): () => void {
  // The answers of a connection end in the order of its requests: when the last answer has ended, all have.
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
