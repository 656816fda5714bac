import { type Dispatcher, Pool } from "undici"
import { jsonOf } from "../../core/contracts/json.ts"

/** A request of a shopper or of the sale's manager. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: string
  readonly token?: string
  readonly idempotencyKey?: string
  readonly body?: object
  /** Headers in addition to those that the request needs. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The outcome of a request: an answer, or the reason why there is none. */
export type Reply =
  | {
      readonly kind: "answer"
      readonly status: number
      /** Parsed; undefined if the body was not JSON. */
      readonly body: unknown
      readonly location?: string
      readonly retryAfterSeconds?: number
      readonly cacheControl?: string
    }
  | { readonly kind: "failed"; readonly error: string }

/** Sends a request; never throws. */
export type Send = (request: ApiRequest) => Promise<Reply>

export interface Client {
  readonly send: Send
  close(): Promise<void>
}

/** Connections that stay open. Further requests wait for one, and their latency includes the wait. */
export const maxConnections = 1_024
const connectTimeoutMs = 10_000
/** Longer than the gateway waits for a function, so that the gateway answers first. */
const answerTimeoutMs = 35_000

/**
 * An HTTP client with keep-alive connections. It gives undici its callbacks directly: with streams a request would cost twice as
 * much.
 */
export function createClient(url: string, connections = maxConnections): Client {
  const pool = new Pool(url, {
    connections,
    pipelining: 1,
    connectTimeout: connectTimeoutMs,
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
  })
  return {
    send: (request) => new Promise((resolve) => pool.dispatch(dispatchOptions(request), collectReply(resolve))),
    close: () => pool.destroy(),
  }
}

function dispatchOptions({ method, path, token, idempotencyKey, body, headers: more }: ApiRequest): Dispatcher.DispatchOptions {
  const headers: Record<string, string> = { accept: "application/json", ...more }
  if (token !== undefined) headers.authorization = `Bearer ${token}`
  if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey
  if (body === undefined) return { method, path, headers }
  headers["content-type"] = "application/json"
  return { method, path, headers, body: JSON.stringify(body) }
}

function collectReply(resolve: (reply: Reply) => void): Dispatcher.DispatchHandler {
  let status = 0
  let headers: Readonly<Record<string, string | string[] | undefined>> = {}
  const chunks: Buffer[] = []
  return {
    // This method tells undici that the handler uses its current interface.
    onRequestStart() {},
    onResponseStart(_controller, statusCode, responseHeaders) {
      status = statusCode
      headers = responseHeaders
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk)
    },
    onResponseEnd() {
      const { location, "retry-after": retryAfter, "cache-control": cacheControl } = headers
      resolve({
        kind: "answer",
        status,
        body: jsonOf(Buffer.concat(chunks).toString()),
        ...(typeof location === "string" && { location }),
        ...(typeof retryAfter === "string" && { retryAfterSeconds: Number(retryAfter) }),
        ...(typeof cacheControl === "string" && { cacheControl }),
      })
    },
    onResponseError(_controller, error) {
      resolve({ kind: "failed", error: errorName(error) })
    },
  }
}

const errorName = (error: Error & { code?: string }): string => error.code ?? error.name
