import { randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { logger } from "../../core/adapters/telemetry.ts"
import { trackIdleConnections } from "../host/idle-connections.ts"
import { openJournal } from "./journal.ts"
import { createOperations, type Reply } from "./operations.ts"
import { openPaymentStore } from "./payment-store.ts"
import { createRateLimit } from "./rate-limit.ts"
import { idempotencyError, invalidRequest, rateLimited, StripeError } from "./stripe-error.ts"
import { createWebhooks, type Webhooks, type WebhookTarget } from "./webhooks.ts"

/** Stripe's forms are small. */
const maxBodyBytes = 64 * 1_024
/** How long a stopping provider waits for answers under way. The slowest answer takes 3 s. */
const drainMs = 4_000

export interface PaymentProviderOptions {
  readonly journalPath: string
  /** The bearer key that calls must carry. Without it, any key is accepted. */
  readonly apiKey?: string | undefined
  /** Time of an answer, as with Stripe. */
  readonly latencyMs: number
  /** Calls of the API that are served in a second. Further calls are refused with 429. Without it, all are served. */
  readonly callsPerSecond?: number | undefined
  /** The shop's webhook. Without it, nobody is notified. */
  readonly webhook?: WebhookTarget | undefined
}

export interface SimulatedProvider {
  /** @returns the port @throws Error when the port is taken */
  listen(port: number): Promise<number>
  close(): Promise<void>
}

/** A payment provider with the part of Stripe's HTTP API that a sale needs, so that Stripe's own client is used unchanged. */
export function createPaymentProvider(options: PaymentProviderOptions): SimulatedProvider {
  const journal = openJournal(options.journalPath)
  const webhooks = createWebhooks(options.webhook)
  /** Calls that get no answer, until their clients close the connection. */
  const unanswered = new Set<ServerResponse>()
  const serve = createRequestListener(options, createOperations(openPaymentStore(journal)), webhooks, unanswered)
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      logger.error("A call of the payment provider failed; its connection is closed", { error: error as Error })
      request.socket.destroy()
    })
  })
  const closeIdleConnections = trackIdleConnections(server)

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once("error", reject).listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
      }),
    async close() {
      webhooks.stop()
      const closed = new Promise((resolve) => server.close(resolve))
      for (const response of unanswered) response.destroy()
      closeIdleConnections()
      await Promise.race([closed, delay(drainMs, undefined, { ref: false })])
      server.closeAllConnections()
      journal.close()
    },
  }
}

/** Answers one HTTP request after another: access, rate limit, calls that share an idempotency key, then the operation itself. */
function createRequestListener(
  { apiKey, latencyMs, callsPerSecond }: PaymentProviderOptions,
  operate: ReturnType<typeof createOperations>,
  webhooks: Webhooks,
  unanswered: Set<ServerResponse>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const keysInUse = new Set<string>()
  const isOverLimit = callsPerSecond === undefined ? () => false : createRateLimit(callsPerSecond)
  let conflicts = 0

  return async (request, response) => {
    const url = new URL(request.url ?? "/", "http://local")
    const origin = `http://${request.headers.host}`
    const isInspection = url.pathname.startsWith("/sim/")
    const body = await readBody(request)
    const idempotencyKey = headerOf(request, "idempotency-key")
    if (!isInspection && !isAuthorised(request, apiKey)) return send(response, refusal(unauthorised))
    if (!isInspection && isOverLimit()) return send(response, refusal(rateLimited()))
    if (idempotencyKey !== undefined && keysInUse.has(idempotencyKey)) {
      conflicts += 1
      return send(response, refusal(conflicts % 2 === 1 ? keyInUse(idempotencyKey) : lockTaken()))
    }

    const { pathname: path, search } = url
    const reply = operate({ method: request.method ?? "", path, query: search.slice(1), body, idempotencyKey, origin })
    if (!reply) {
      unanswered.add(response)
      response.once("close", () => unanswered.delete(response))
      return
    }
    if (idempotencyKey !== undefined) keysInUse.add(idempotencyKey)
    await delay(isInspection ? 0 : latencyMs + (reply.delayMs ?? 0))
    if (idempotencyKey !== undefined) keysInUse.delete(idempotencyKey)
    for (const event of reply.notify ?? []) webhooks.notify(event)
    if (reply.lost) request.socket.destroy()
    else send(response, reply)
  }
}

function isAuthorised(request: IncomingMessage, apiKey: string | undefined): boolean {
  const [, key] = /^Bearer (\S+)$/.exec(headerOf(request, "authorization") ?? "") ?? []
  return key !== undefined && (apiKey === undefined || key === apiKey)
}

const unauthorised = new StripeError(401, { type: "invalid_request_error", message: "Invalid API Key provided." })

const keyInUse = (key: string) =>
  idempotencyError(409, `Another request with this key is under way: ${key}`, { code: "idempotency_key_in_use" })

/** Stripe has two forms of this answer. This is the other one. */
const lockTaken = () => invalidRequest("lock_timeout", "Another request is at work on this object.", {}, 409)

const refusal = ({ status, error }: StripeError): Reply => ({ status, body: JSON.stringify({ error }) })

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === "string" ? value : undefined
}

function send(response: ServerResponse, { status, body, replayed, isPage }: Reply): void {
  response.writeHead(status, {
    "content-type": isPage ? "text/html; charset=utf-8" : "application/json",
    "request-id": `req_${randomBytes(8).toString("hex")}`,
    ...(replayed && { "idempotent-replayed": "true" }),
  })
  response.end(body)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > maxBodyBytes) throw new Error("The body of a call is too large")
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString("utf8")
}
