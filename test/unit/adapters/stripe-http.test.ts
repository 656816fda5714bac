import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { PaymentOutcomeUnknown } from "../../../core/adapters/payment/provider.ts"
import { stripeProvider } from "../../../core/adapters/payment/stripe.ts"

/** Only for answers that never come or never end; a busy machine must not fail the others. */
const shortTimeoutMs = 300
const usualTimeoutMs = 10_000
const held = JSON.stringify({ id: "pi_1", object: "payment_intent", status: "requires_capture", metadata: { attempt_id: "a" } })
const authorisation = { attemptId: "a", reservationId: "r", amountMinor: 500, currency: "EUR", paymentMethod: "pm_card_visa" }

/** A provider that answers with the listener, and the client of the sale. */
async function given(listener: RequestListener, timeoutMs = usualTimeoutMs) {
  let connections = 0
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    request.resume().once("end", () => listener(request, response))
  }).on("connection", () => {
    connections += 1
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = stripeProvider({ apiKey: async () => "sk_test", apiUrl, timeoutMs })
  return { provider, counts: () => ({ connections, requests }) }
}

test("calls one after the other use one connection", async () => {
  const { provider, counts } = await given((_, response) => response.end(held))
  for (let call = 0; call < 3; call += 1) {
    expect(await provider.authorise(authorisation)).toMatchObject({
      kind: "made",
      payment: { ref: "pi_1", status: "authorised" },
    })
  }
  expect(counts()).toEqual({ connections: 1, requests: 3 })
})

test("a refused card is read from the answer", async () => {
  const { provider } = await given((_, response) => {
    response
      .writeHead(402)
      .end(JSON.stringify({ error: { type: "card_error", code: "card_declined", decline_code: "lost_card" } }))
  })
  expect(await provider.authorise(authorisation)).toEqual({ kind: "declined", code: "lost_card" })
})

test.each<[string, RequestListener, number?]>([
  ["loses its connection without an answer", (request) => request.socket.destroy()],
  ["has its connection reset", (request) => request.socket.resetAndDestroy()],
  [
    "gets an answer that ends in the middle",
    (_, response) => void response.writeHead(200, { "content-length": 500 }).write("{", () => response.destroy()),
  ],
  ["gets no answer in time", () => {}, shortTimeoutMs],
  [
    "gets an answer that stops in the middle",
    (_, response) => void response.writeHead(200, { "content-length": 500 }).write("{"),
    shortTimeoutMs,
  ],
  ["gets an answer that is not JSON", (_, response) => response.end("<html>")],
])("a call that %s is not repeated: its outcome is unknown", async (_, listener, timeoutMs) => {
  const { provider, counts } = await given(listener, timeoutMs)
  await expect(provider.authorise(authorisation)).rejects.toThrow(PaymentOutcomeUnknown)
  expect(counts().requests).toBe(1)
})
