import Stripe from "stripe"
import { Pool } from "undici"

type HttpClient = NonNullable<Stripe.StripeConfig["httpClient"]>

/** A failure of the transport, without the code of its cause: Stripe's client repeats calls for some codes, also with retries off. */
class NoAnswer extends Error {}

/**
 * The transport of Stripe's client: connections of undici that are kept and used again. fetch uses the same connections and takes
 * more processor time for each call (docs/PERFORMANCE.md).
 */
export function createStripeHttp(): HttpClient {
  const pools = new Map<string, Pool>()
  const poolOf = (origin: string): Pool => {
    const pool = pools.get(origin) ?? new Pool(origin)
    pools.set(origin, pool)
    return pool
  }
  return {
    getClientName: () => "undici",
    async makeRequest(host, port, path, method, headers, requestData, protocol, timeoutMs) {
      const timeout = new AbortController()
      const timer = setTimeout(() => timeout.abort(Stripe.HttpClient.makeTimeoutError()), timeoutMs)
      try {
        const answer = await poolOf(`${protocol}://${host}:${port}`).request({
          ...{ path, method: method as "GET" | "POST" | "DELETE", headers: headers as Record<string, string> },
          ...(requestData !== "" && { body: requestData }),
          signal: timeout.signal,
        })
        return responseOf(answer.statusCode, answer.headers as Record<string, string>, await answer.body.text())
      } catch (error) {
        throw timeout.signal.aborted ? timeout.signal.reason : new NoAnswer("The connection gave no answer", { cause: error })
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

const responseOf = (status: number, headers: Record<string, string>, text: string) => ({
  getStatusCode: () => status,
  getHeaders: () => headers,
  getRawResponse: () => ({ headers }),
  toStream: () => text,
  toJSON: async () => JSON.parse(text) as unknown,
})
