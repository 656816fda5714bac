import { Agent, type IncomingMessage, request as sendHttp } from "node:http"
import { request as sendHttps, Agent as TlsAgent } from "node:https"
import Stripe from "stripe"

type HttpClient = NonNullable<Stripe.StripeConfig["httpClient"]>

/** An idle connection is closed after this time, before the provider closes it. fetch waits as long. */
const idleMs = 4_000

/**
 * A failure of the transport, without the code of its cause: Stripe's client repeats calls for some codes, also with retries off.
 */
class NoAnswer extends Error {}

/**
 * The transport of Stripe's client: node:http with connections that are kept and used again. It makes each call once. fetch takes
 * nearly three times the processor time for a call (docs/PERFORMANCE.md).
 */
export function createStripeHttp(): HttpClient {
  const connections = { keepAlive: true, timeout: idleMs }
  const [plain, tls] = [new Agent(connections), new TlsAgent(connections)]
  return {
    getClientName: () => "node-http",
    makeRequest: (host, port, path, method, headers, requestData, protocol, timeoutMs) =>
      new Promise((resolve, reject) => {
        const options = { host, port, path, method, headers: headers as Record<string, string> }
        const request = protocol === "http" ? sendHttp({ ...options, agent: plain }) : sendHttps({ ...options, agent: tls })
        const timeout = Stripe.HttpClient.makeTimeoutError()
        const timer = setTimeout(() => request.destroy(timeout), timeoutMs)
        const fail = (error: Error) => {
          clearTimeout(timer)
          reject(error === timeout ? error : new NoAnswer("The connection gave no answer", { cause: error }))
        }
        request.once("error", fail)
        request.once("response", (response) =>
          readText(response, fail, (text) => {
            clearTimeout(timer)
            resolve(responseOf(response, text))
          }),
        )
        request.end(requestData)
      }),
  }
}

function readText(response: IncomingMessage, fail: (error: Error) => void, done: (text: string) => void): void {
  let text = ""
  response.setEncoding("utf8")
  response.on("data", (chunk: string) => {
    text += chunk
  })
  response.once("error", fail)
  response.once("end", () => done(text))
}

const responseOf = (response: IncomingMessage, text: string) => ({
  getStatusCode: () => response.statusCode ?? 0,
  getHeaders: () => response.headers as Record<string, string>,
  getRawResponse: () => response,
  toStream: () => response,
  toJSON: async () => JSON.parse(text) as unknown,
})
