import { randomUUID } from "node:crypto"
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { type HttpAnswer, problemAnswer } from "./answer.ts"

/**
 * What is not even an HTTP request. It never reached the API, so its problem has no type of the API's (RFC 9457: about:blank says
 * no more than the status).
 */
export const notHttp = (correlationId: string): HttpAnswer => ({
  statusCode: 400,
  headers: { "content-type": "application/problem+json", "x-correlation-id": correlationId },
  body: JSON.stringify({ type: "about:blank", title: "Bad Request", status: 400, detail: "This is not well-formed HTTP." }),
})

/** The answer to a request that Node could not read to its end. */
function refusalOf(code: string | undefined): HttpAnswer {
  const correlationId = randomUUID()
  if (code === "HPE_HEADER_OVERFLOW") return problemAnswer("headers-too-large", {}, correlationId)
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return problemAnswer("request-timeout", {}, correlationId)
  return notHttp(correlationId)
}

/**
 * Answers on the bare connection, because there is no request to answer to, and closes it. The client may be in the middle of
 * sending: the connection stays open for `lingerMs`, as a reset would overtake the answer.
 */
export function refuseConnection(socket: Socket, code: string | undefined, lingerMs: number): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { statusCode, headers, body } = refusalOf(code)
  const lines = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ]
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`)
  setTimeout(() => socket.destroy(), lingerMs).unref()
}

/**
 * Answers before the body is read to its end and closes the connection. The whole answer is written first and ended when the
 * client has finished or the time is up: a connection closed with unread bytes is reset, and the reset overtakes the answer.
 */
export async function refuseBody(
  request: IncomingMessage,
  response: ServerResponse,
  { statusCode, headers, body }: HttpAnswer,
  lingerMs: number,
): Promise<void> {
  response.shouldKeepAlive = false
  response.writeHead(statusCode, { ...headers, "content-length": Buffer.byteLength(body) })
  response.write(body)
  const finished = new Promise((resolve) => request.once("end", resolve).once("close", resolve).resume())
  await Promise.race([finished, delay(lingerMs, undefined, { ref: false })])
  response.end()
}
