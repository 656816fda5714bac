import { appendFile, mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import Stripe from "stripe"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createPaymentProvider, type SimulatedProvider } from "../../../local/payment-provider/server.ts"
import { createWebhooks, maxCallsAtOnce, type WebhookTarget } from "../../../local/payment-provider/webhooks.ts"

let folder: string
let provider: SimulatedProvider
let port: number
let stripe: Stripe

const journalPath = () => join(folder, "payment-provider.jsonl")

async function start(webhook?: WebhookTarget): Promise<void> {
  provider = createPaymentProvider({ journalPath: journalPath(), apiKey: "sk_test_right", latencyMs: 0, webhook })
  port = await provider.listen(0)
  stripe = clientOf("sk_test_right")
}
const clientOf = (key: string) =>
  new Stripe(key, {
    host: "127.0.0.1",
    port,
    protocol: "http",
    maxNetworkRetries: 0,
    timeout: 10_000,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(),
  })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "provider-"))
  await start()
})
afterEach(async () => {
  await provider.close()
  await rm(folder, { recursive: true })
})

interface PayOptions {
  readonly key?: string
  readonly amount?: number
  readonly attempt?: string
  readonly timeout?: number
  readonly returnUrl?: string
}
const pay = (paymentMethod: string, options: PayOptions = {}) =>
  stripe.paymentIntents.create(
    {
      amount: options.amount ?? 4_999,
      currency: "eur",
      payment_method: paymentMethod,
      confirm: true,
      capture_method: "manual",
      ...(options.returnUrl === undefined
        ? { automatic_payment_methods: { enabled: true, allow_redirects: "never" } }
        : { allowed_payment_method_types: ["card"], return_url: options.returnUrl }),
      metadata: { attempt_id: options.attempt ?? "attempt-1", reservation_id: "reservation-1" },
    },
    { idempotencyKey: options.key ?? "key-1", ...(options.timeout !== undefined && { timeout: options.timeout }) },
  )

const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.fail("it was not refused"),
    (error: unknown) => error,
  )

interface Inspected {
  readonly items: readonly { readonly id: string; readonly status: string; readonly history: readonly string[] }[]
}
const inspect = async (attempt = "attempt-1"): Promise<Inspected["items"]> => {
  const response = await fetch(`http://127.0.0.1:${port}/sim/payments?attempt_id=${attempt}`)
  return ((await response.json()) as Inspected).items
}

test("a valid card is authorised, captured once and refunded once", async () => {
  const intent = await pay("pm_card_visa")
  expect(intent).toMatchObject({
    object: "payment_intent",
    status: "requires_capture",
    amount: 4_999,
    amount_capturable: 4_999,
    currency: "eur",
  })
  expect(intent.metadata).toEqual({ attempt_id: "attempt-1", reservation_id: "reservation-1" })
  const captured = await stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: "capture-1" })
  expect(captured).toMatchObject({ status: "succeeded", amount_received: 4_999, amount_capturable: 0 })
  expect(await refusal(stripe.paymentIntents.capture(intent.id))).toMatchObject({
    statusCode: 400,
    code: "payment_intent_unexpected_state",
  })
  const refund = await stripe.refunds.create({ payment_intent: intent.id })
  expect(refund).toMatchObject({ object: "refund", status: "succeeded", amount: 4_999, payment_intent: intent.id })
  expect(await refusal(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({ code: "charge_already_refunded" })
  expect(await inspect()).toMatchObject([
    { history: ["authorised", "captured", "refunded"], amount_captured: 4_999, amount_refunded: 4_999 },
  ])
})

test("an authorisation is voided once; a voided payment cannot be captured, and a captured payment cannot be voided", async () => {
  const voided = await pay("pm_card_mastercard")
  expect(await stripe.paymentIntents.cancel(voided.id)).toMatchObject({ status: "canceled", amount_capturable: 0 })
  expect(await refusal(stripe.paymentIntents.cancel(voided.id))).toMatchObject({ code: "payment_intent_unexpected_state" })
  expect(await refusal(stripe.paymentIntents.capture(voided.id))).toMatchObject({ code: "payment_intent_unexpected_state" })
  const captured = await pay("pm_card_visa", { key: "key-2" })
  await stripe.paymentIntents.capture(captured.id)
  expect(await refusal(stripe.paymentIntents.cancel(captured.id))).toMatchObject({ code: "payment_intent_unexpected_state" })
  expect(await refusal(stripe.refunds.create({ payment_intent: voided.id }))).toMatchObject({ statusCode: 400 })
})

test.each([
  ["pm_card_chargeDeclined", "generic_decline"],
  ["pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"],
])("%s is a card error that names the payment", async (method, declineCode) => {
  const error = await refusal(pay(method))
  expect(error).toBeInstanceOf(Stripe.errors.StripeCardError)
  expect(error).toMatchObject({ statusCode: 402, code: "card_declined", decline_code: declineCode })
  expect(error).toHaveProperty("payment_intent.status", "requires_payment_method")
  expect(await inspect()).toMatchObject([{ history: ["declined"] }])
})

describe("a card that needs 3-D Secure", () => {
  const returnUrl = 'https://shop.test/?a="<b>'
  const pageOf = ({ next_action }: Stripe.PaymentIntent) => next_action?.redirect_to_url?.url ?? ""
  const act = (url: string, outcome: string) => fetch(url, { method: "POST", body: new URLSearchParams({ outcome }) })

  test("shows the shopper a page, which changes nothing, and is authorised once when they authenticate", async () => {
    const intent = await pay("pm_card_threeDSecure2Required", { returnUrl })
    expect(intent).toMatchObject({ status: "requires_action", next_action: { type: "redirect_to_url" } })
    const page = await fetch(pageOf(intent))
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"])
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe("requires_action")
    const answer = await act(pageOf(intent), "confirm")
    expect(answer.status).toBe(200)
    expect(await answer.text()).not.toContain("<b>")
    expect((await act(pageOf(intent), "confirm")).status).toBe(400)
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: "requires_capture", next_action: null })
    expect(await inspect()).toMatchObject([{ history: ["action-required", "authorised"] }])
  })

  test("is not authorised after a failed authentication, and not by a later one", async () => {
    const intent = await pay("pm_card_threeDSecure2Required", { returnUrl })
    expect((await act(pageOf(intent), "perhaps")).status).toBe(400)
    expect((await act(pageOf(intent), "fail")).status).toBe(200)
    expect((await act(pageOf(intent), "confirm")).status).toBe(400)
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { code: "payment_intent_authentication_failure" },
    })
  })

  test("has no page for a shop without a return URL", async () => {
    expect(await pay("pm_card_threeDSecure2Required")).toMatchObject({ next_action: { type: "use_stripe_sdk" } })
  })

  test("is not authorised after the payment was cancelled", async () => {
    const intent = await pay("pm_card_threeDSecure2Required", { returnUrl })
    await stripe.paymentIntents.cancel(intent.id)
    expect((await act(pageOf(intent), "confirm")).status).toBe(400)
    expect(await inspect()).toMatchObject([{ status: "canceled", history: ["action-required", "voided"] }])
  })
})

describe("the shop is notified of the change of such a payment", () => {
  const returnUrl = "https://shop.test/"
  const secret = "whsec_of_the_test"
  let shop: Server
  /** What the shop answers to each call, in order; then 200. */
  let answers: number[]
  let heard: { type: string; id: string }[]

  beforeEach(async () => {
    answers = []
    heard = []
    shop = createServer(async (request, response) => {
      const body = await text(request)
      const event = Stripe.webhooks.constructEvent(body, request.headers["stripe-signature"] ?? "", secret)
      heard.push({ type: event.type, id: (event.data.object as { id: string }).id })
      response.writeHead(answers.shift() ?? 200).end("{}")
    })
    await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve))
    await provider.close()
    await start({ url: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`, secret })
  })
  afterEach(() => {
    shop.close()
  })
  const act = async (outcome: string) => {
    const intent = await pay("pm_card_threeDSecure2Required", { returnUrl, key: `key-of-${outcome}` })
    await fetch(intent.next_action?.redirect_to_url?.url ?? "", { method: "POST", body: new URLSearchParams({ outcome }) })
    return intent.id
  }

  test("in calls of Stripe's form, with a signature that Stripe's own library accepts", async () => {
    const ids = [await act("confirm"), await act("fail")]
    await expect
      .poll(() => heard)
      .toEqual(
        expect.arrayContaining([
          { type: "payment_intent.amount_capturable_updated", id: ids[0] },
          { type: "payment_intent.payment_failed", id: ids[1] },
        ]),
      )
  })

  test("by a limited number of calls at once; further calls are lost", async () => {
    shop.removeAllListeners("request")
    let calls = 0
    shop.on("request", () => {
      calls += 1
    })
    const webhooks = createWebhooks({ url: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`, secret })
    const event = { type: "payment_intent.payment_failed", object: { id: "pi_1" } }
    for (let n = 0; n < maxCallsAtOnce + 10; n += 1) webhooks.notify(event)
    await expect.poll(() => calls, { timeout: 5_000 }).toBe(maxCallsAtOnce)
    webhooks.stop()
    shop.closeAllConnections()
    expect(calls).toBe(maxCallsAtOnce)
  })

  test("again, when it did not accept the call", async () => {
    answers = [503, 500]
    const id = await act("confirm")
    await expect.poll(() => heard, { timeout: 5_000 }).toHaveLength(3)
    expect(new Set(heard.map((call) => call.id))).toEqual(new Set([id]))
  })
})

test("a capture can fail finally", async () => {
  const intent = await pay("sim_capture_fails")
  const failed = await refusal(stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: "capture-1" }))
  expect(failed).toMatchObject({ statusCode: 402, type: "StripeCardError" })
  expect(await stripe.paymentIntents.cancel(intent.id)).toMatchObject({ status: "canceled" })
  expect(await inspect()).toMatchObject([{ history: ["authorised", "capture-failed", "voided"] }])
})

test("the same key gets the same answer and takes effect once, also after a restart and for a decline", async () => {
  const first = await pay("pm_card_visa")
  const declined = await refusal(pay("pm_card_chargeDeclined", { key: "key-2" }))
  await provider.close()
  await appendFile(journalPath(), '{"payment":{"id":"pi_torn"')
  await start()
  const again = await pay("pm_card_visa")
  expect(again.id).toBe(first.id)
  expect(new Headers(again.lastResponse.headers).get("idempotent-replayed")).toBe("true")
  expect(await refusal(pay("pm_card_chargeDeclined", { key: "key-2" }))).toMatchObject({
    statusCode: 402,
    payment_intent: (declined as { payment_intent: object }).payment_intent,
  })
  await pay("pm_card_visa", { key: "key-3", attempt: "attempt-2" })
  await provider.close()
  await start()
  expect(await inspect()).toHaveLength(2)
  expect(await inspect("attempt-2")).toHaveLength(1)
})

test("the same key with other parameters is an idempotency error", async () => {
  await pay("pm_card_visa")
  const error = await refusal(pay("pm_card_visa", { amount: 1 }))
  expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
  expect(error).toMatchObject({ statusCode: 400 })
  expect(await inspect()).toHaveLength(1)
})

test("a lost answer: the money is held, the client gets no answer, and its retry gets the recorded one", async () => {
  expect(await refusal(pay("sim_lost_reply"))).toBeInstanceOf(Stripe.errors.StripeConnectionError)
  expect(await inspect()).toMatchObject([{ status: "requires_capture", history: ["authorised"] }])
  expect(await pay("sim_lost_reply")).toMatchObject({ status: "requires_capture" })
  expect(await inspect()).toHaveLength(1)
})

test("a call that times out has no effect, also when it is repeated", async () => {
  expect(await refusal(pay("sim_timeout", { timeout: 50 }))).toBeInstanceOf(Stripe.errors.StripeConnectionError)
  expect(await refusal(pay("sim_timeout", { timeout: 50 }))).toBeInstanceOf(Stripe.errors.StripeConnectionError)
  expect(await inspect()).toEqual([])
})

test("a slow call takes effect before its answer; the same key is a conflict in the meantime", async () => {
  const slow = refusal(pay("sim_slow", { timeout: 200 }))
  await expect.poll(() => inspect(), { interval: 5 }).toMatchObject([{ history: ["authorised"] }])
  expect(await refusal(pay("sim_slow"))).toMatchObject({ statusCode: 409, code: "idempotency_key_in_use" })
  expect(await slow).toBeInstanceOf(Stripe.errors.StripeConnectionError)
})

test("a payment is found by its metadata, newest first, and listed in pages", async () => {
  const ids: string[] = []
  for (const n of [1, 2, 3]) ids.unshift((await pay("pm_card_visa", { key: `key-${n}`, attempt: `attempt-${n}` })).id)
  const found = await stripe.paymentIntents.search({ query: "metadata['attempt_id']:'attempt-2' AND status:'requires_capture'" })
  expect(found).toMatchObject({ object: "search_result", has_more: false, data: [{ id: ids[1] }] })
  expect((await stripe.paymentIntents.search({ query: "metadata['attempt_id']:'other'" })).data).toEqual([])
  const listed: string[] = []
  for await (const intent of stripe.paymentIntents.list({ limit: 2 })) listed.push(intent.id)
  expect(listed).toEqual(ids)
})

test.each([
  ["an unknown method", () => pay("pm_unknown"), { statusCode: 400, code: "resource_missing", param: "payment_method" }],
  [
    "a payment method with the name of an object property",
    () => pay("constructor"),
    { statusCode: 400, code: "resource_missing" },
  ],
  ["an amount of nothing", () => pay("pm_card_visa", { amount: 0 }), { statusCode: 400, param: "amount" }],
  ["an unknown payment", () => stripe.paymentIntents.retrieve("pi_none"), { statusCode: 404, code: "resource_missing" }],
  ["a wrong key", () => clientOf("sk_test_wrong").paymentIntents.list(), { statusCode: 401 }],
  ["an unknown operation", () => stripe.customers.list(), { statusCode: 404 }],
  ["a search it does not know", () => stripe.paymentIntents.search({ query: "amount>5" }), { statusCode: 400, param: "query" }],
  [
    "an unknown parameter",
    () =>
      stripe.paymentIntents.create({
        amount: 1,
        currency: "eur",
        payment_method: "pm_card_visa",
        confirm: true,
        capture_method: "manual",
        customer: "cus_1",
      }),
    { statusCode: 400, code: "parameter_unknown", param: "customer" },
  ],
])("%s is refused", async (_name, call, expected) => {
  expect(await refusal(call())).toMatchObject(expected)
})
