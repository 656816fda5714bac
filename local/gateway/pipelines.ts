import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"

/**
 * Bounds the requests that a connection sends without waiting for their answers. Node stops to read who does not take his
 * answers, but only after all that came in one piece, and that may be thousands of requests.
 *
 * @returns whether a request may be answered; the connection of one that may not is closed
 */
export function boundPipelines(maxPipelined: number): (socket: Socket, response: ServerResponse) => boolean {
  const unanswered = new WeakMap<Socket, number>()
  return (socket, response) => {
    const waiting = (unanswered.get(socket) ?? 0) + 1
    // The rest of a piece is still delivered after its connection is closed.
    if (socket.destroyed || waiting > maxPipelined) {
      socket.destroy()
      return false
    }
    unanswered.set(socket, waiting)
    response.once("close", () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
    return true
  }
}
