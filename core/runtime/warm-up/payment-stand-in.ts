import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Variables } from "../environment.ts"

/**
 * Stands in for the payment provider while the process warms up: no money may move for a warm-up, and the provider must not
 * notice it. It speaks as much of Stripe's API as a checkout and a capture use, to this process only.
 */
export interface PaymentStandIn {
  readonly variables: Variables
  close(): Promise<void>
}

export async function openPaymentStandIn(): Promise<PaymentStandIn> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    variables: {
      PAYMENT_API_URL: `http://127.0.0.1:${port}`,
      PAYMENT_API_KEY: "warm-up",
      PAYMENT_API_KEY_SECRET_ARN: undefined,
      PAYMENT_CALLS_PER_SECOND: undefined,
    },
    close: () => closed(server),
  }
}

/**
 * POST /v1/payment_intents, .../<id>/capture and GET .../<id>: every payment is held, and captured when asked. GET of a list:
 * nothing was refunded.
 */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let form = ""
  for await (const chunk of request.setEncoding("utf8")) form += chunk
  const isList = request.method === "GET" && /^\/v1\/(refunds|disputes)\b/.test(request.url ?? "")
  const [, , , id = "pi_warm_up", change] = (request.url ?? "").split("/")
  const attempt = new URLSearchParams(form).get("metadata[attempt_id]")
  const payment = {
    id,
    object: "payment_intent",
    amount: 100,
    currency: "eur",
    status: change === "capture" ? "succeeded" : "requires_capture",
    last_payment_error: null,
    next_action: null,
    metadata: attempt === null ? {} : { attempt_id: attempt },
  }
  response
    .setHeader("content-type", "application/json")
    .end(JSON.stringify(isList ? { object: "list", data: [], has_more: false } : payment))
}

async function closed(server: Server): Promise<void> {
  const end = once(server, "close")
  server.close()
  server.closeAllConnections()
  await end
}
