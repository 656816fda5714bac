import { connect } from "node:net"
import { problems } from "../../core/contracts/problems.ts"

/** Longer than the gateway waits for the rest of a request. */
const answerTimeoutMs = 15_000

export interface RawAnswer {
  readonly status: number
  readonly headers: string
  readonly body: string
}

/** Writes bytes that no HTTP client would send, and reads the answer; undefined if the connection closes without one. */
export function rawRequest(port: number, request: Buffer): Promise<RawAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, "127.0.0.1", () => socket.write(request))
    socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error("The gateway did not answer in time")))
    socket.on("data", (chunk) => chunks.push(chunk)).on("end", () => socket.end())
    socket.on("close", () => resolve(answerOf(Buffer.concat(chunks).toString("latin1"))))
    socket.on("error", (error) => (chunks.length === 0 ? reject(error) : undefined))
  })
}

function answerOf(text: string): RawAnswer | undefined {
  const end = text.indexOf("\r\n\r\n")
  return end === -1 ? undefined : { status: Number(text.split(" ")[1]), headers: text.slice(0, end), body: text.slice(end + 4) }
}

/** Stack traces, statements, and internal names. */
export const internals =
  /node_modules|\.ts:\d|\bat \w+ \(|select |insert |update |sqlstate|econn|kafka|postgres|redis|lambda|relation "/i

/** The defect of an answer to odd input, if it has one: a server error, an unknown problem, or an internal name. */
export function faultOf({ status, headers, body }: RawAnswer, sent: string): string | undefined {
  if (status >= 500) return `answered ${status}: ${body}`
  if (status < 400) return undefined
  if (!/content-type: application\/problem\+json/i.test(headers)) return `no problem document: ${headers}`
  // HEAD is answered with the headers alone.
  if (sent.startsWith("HEAD ") && body === "") return undefined
  const { type, instance, ...problem } = JSON.parse(body) as { type: string; instance?: string; status: number }
  const slug = type.replace("/problems/", "")
  // Bytes that are no HTTP request get no problem document of the API.
  if (type !== "about:blank" && !(slug in problems)) return `an unknown problem: ${body}`
  if (problem.status !== status) return `says ${problem.status} with status ${status}`
  // An answer repeats the client's path: a path with "redis" gets "redis" back.
  const shown = JSON.stringify(problem)
  return internals.test(shown) && !internals.test(sent) ? `shows internal names: ${body}` : undefined
}
