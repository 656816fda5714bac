import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"

/**
 * Limits the requests that a connection sends without reading their responses. Node stops reading from such a connection, but
 * only after the data that arrived in one piece, and that can be thousands of requests.
 *
 * @returns a function that says whether a request may be answered; if not, it closes the connection
 */
export function boundPipelines(maxPipelined: number): (socket: Socket, response: ServerResponse) => boolean {
  const unanswered = new WeakMap<Socket, number>()
  return (socket, response) => {
    const waiting = (unanswered.get(socket) ?? 0) + 1
    // Node still delivers the requests of the last piece after the connection is closed.
    if (socket.destroyed || waiting > maxPipelined) {
      socket.destroy()
      return false
    }
    unanswered.set(socket, waiting)
    response.once("close", () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
    return true
  }
}
