import { randomUUID } from "node:crypto"
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { type HttpAnswer, problemAnswer } from "./answer.ts"

/**
 * The response to bytes that are not an HTTP request. They did not reach the API, so the problem has no type of the API: in RFC
 * 9457 about:blank means the same as the status.
 */
export const notHttp = (correlationId: string): HttpAnswer => ({
  statusCode: 400,
  headers: { "content-type": "application/problem+json", "x-correlation-id": correlationId },
  body: JSON.stringify({ type: "about:blank", title: "Bad Request", status: 400, detail: "This is not well-formed HTTP." }),
})

/** The response to a request that Node could not read completely. */
function refusalOf(code: string | undefined): HttpAnswer {
  const correlationId = randomUUID()
  if (code === "HPE_HEADER_OVERFLOW") return problemAnswer("headers-too-large", {}, correlationId)
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return problemAnswer("request-timeout", {}, correlationId)
  return notHttp(correlationId)
}

/**
 * Answers on the bare connection, because there is no request to answer, and closes it. The client may still be sending. The
 * connection stays open for `lingerMs`, because a reset would overtake the response.
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
 * Answers before the body is read completely, and closes the connection. The whole response is written first. It ends when the
 * client has finished or the time is over: a connection that is closed with unread bytes is reset, and the reset overtakes the
 * response.
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
