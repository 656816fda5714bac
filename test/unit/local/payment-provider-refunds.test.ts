import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import Stripe from "stripe"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createPaymentProvider, type SimulatedProvider } from "../../../local/payment-provider/server.ts"
import { type LocalServer, localServer } from "../../services/local-server.ts"

const secret = "whsec_test"
let folder: string
let shop: LocalServer
let provider: SimulatedProvider
let url: string
let stripe: Stripe
let heard: { type: string; object: { id: string; payment_intent: string; status?: string } }[]

async function start(): Promise<void> {
  const webhook = { url: shop.url, secret }
  provider = createPaymentProvider({ journalPath: join(folder, "journal.jsonl"), latencyMs: 0, webhook })
  const port = await provider.listen(0)
  url = `http://127.0.0.1:${port}`
  stripe = new Stripe("sk_test", {
    host: "127.0.0.1",
    port,
    protocol: "http",
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(),
  })
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "provider-"))
  heard = []
  shop = await localServer(async (request, response) => {
    const body = await text(request)
    const event = Stripe.webhooks.constructEvent(body, request.headers["stripe-signature"] ?? "", secret)
    heard.push({ type: event.type, object: event.data.object as (typeof heard)[number]["object"] })
    response.end("{}")
  })
  await start()
})
afterEach(async () => {
  await provider.close()
  await shop.close()
  await rm(folder, { recursive: true })
})

/** A captured payment of 500. */
async function captured(method = "pm_card_visa"): Promise<string> {
  const intent = await stripe.paymentIntents.create({
    ...{ amount: 500, currency: "eur", payment_method: method, confirm: true, capture_method: "manual" },
    metadata: { attempt_id: "attempt-1" },
  })
  await stripe.paymentIntents.capture(intent.id)
  return intent.id
}
const act = async (id: string, fields: Record<string, string>) => {
  const response = await fetch(`${url}/sim/refunds/${id}`, { method: "POST", body: new URLSearchParams(fields) })
  return { status: response.status, page: await response.text() }
}
const typesHeard = () => heard.map(({ type }) => type).sort()

describe("the refunds API", () => {
  test("refunds parts up to the payment, once for each key, and lists them, the newest first", async () => {
    const id = await captured()
    const part = { payment_intent: id, amount: 200, metadata: { refund_id: "r-1" } }
    const first = await stripe.refunds.create(part, { idempotencyKey: "r-1" })
    expect((await stripe.refunds.create(part, { idempotencyKey: "r-1" })).id).toBe(first.id)
    await expect(stripe.refunds.create({ payment_intent: id, amount: 301 })).rejects.toMatchObject({ code: "amount_too_large" })
    const rest = await stripe.refunds.create({ payment_intent: id })
    expect(rest).toMatchObject({ object: "refund", amount: 300, status: "succeeded", charge: id.replace("pi_", "ch_") })
    const { data } = await stripe.refunds.list({ payment_intent: id })
    expect(data.map((refund) => [refund.amount, refund.metadata?.refund_id])).toEqual([
      [300, undefined],
      [200, "r-1"],
    ])
    expect(await stripe.refunds.retrieve(first.id)).toMatchObject({ id: first.id, amount: 200 })
    await expect(stripe.refunds.retrieve("re_unknown")).rejects.toMatchObject({ statusCode: 404 })
    await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({ code: "charge_already_refunded" })
  })

  test("tells the shop about a refund and its charge, signed", async () => {
    const id = await captured()
    await stripe.refunds.create({ payment_intent: id, amount: 200 })
    await expect.poll(typesHeard).toEqual(["charge.refunded", "refund.created"])
    for (const { object } of heard) expect(object.payment_intent).toBe(id)
  })

  test.each([
    ["pm_card_pendingRefund", "pending"],
    ["sim_refund_fails", "failed"],
    ["pm_card_refundFail", "succeeded"],
  ])("a refund of %s is %s at first", async (method, status) => {
    expect(await stripe.refunds.create({ payment_intent: await captured(method) })).toMatchObject({ status })
  })

  test("loses the first reply of sim_refund_lost_reply, and repeats it under the key", async () => {
    const refund = { payment_intent: await captured("sim_refund_lost_reply") }
    await expect(stripe.refunds.create(refund, { idempotencyKey: "r-1" })).rejects.toMatchObject({
      type: "StripeConnectionError",
    })
    expect(await stripe.refunds.create(refund, { idempotencyKey: "r-1" })).toMatchObject({ status: "succeeded" })
    expect((await stripe.refunds.list(refund)).data).toHaveLength(1)
  })

  test("never answers sim_refund_timeout, and makes no refund", async () => {
    const refund = { payment_intent: await captured("sim_refund_timeout") }
    await expect(stripe.refunds.create(refund, { timeout: 200 })).rejects.toMatchObject({ type: "StripeConnectionError" })
    expect((await stripe.refunds.list(refund)).data).toEqual([])
  })

  test("keeps refunds and disputes over a restart", async () => {
    const id = await captured()
    await stripe.refunds.create({ payment_intent: id, amount: 100 })
    await act(id, { act: "dispute" })
    await provider.close()
    await start()
    expect((await stripe.refunds.list({ payment_intent: id })).data).toMatchObject([{ amount: 100 }])
    expect((await stripe.disputes.list({ payment_intent: id })).data).toMatchObject([{ status: "needs_response" }])
  })
})

describe("the refund page", () => {
  test("returns money, and says what is left", async () => {
    const id = await captured()
    const { status, page } = await act(id, { act: "refund", amount: "200" })
    expect([status, page]).toEqual([200, expect.stringContaining("300 of 500 EUR are left")])
    expect(await (await fetch(`${url}/sim/refunds/${id}`)).text()).toContain("200, succeeded")
    await expect.poll(typesHeard).toContain("charge.refunded")
  })

  test("makes a pending refund arrive, and a refund that succeeded fail", async () => {
    const id = await captured("pm_card_pendingRefund")
    const { id: refund } = await stripe.refunds.create({ payment_intent: id })
    await act(id, { act: "succeed", refund })
    expect((await stripe.refunds.retrieve(refund)).status).toBe("succeeded")
    await act(id, { act: "fail", refund })
    expect(await stripe.refunds.retrieve(refund)).toMatchObject({ status: "failed", failure_reason: "expired_or_canceled_card" })
    expect((await act(id, { act: "fail", refund })).status).toBe(400)
    await expect.poll(typesHeard).toEqual(expect.arrayContaining(["refund.failed", "refund.updated"]))
    expect(await (await fetch(`${url}/sim/refunds/${id}`)).text()).toContain("500 of 500 EUR are left")
  })

  test("opens a dispute and decides it; meanwhile nothing can be refunded", async () => {
    const id = await captured()
    await act(id, { act: "dispute" })
    await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({ code: "charge_disputed" })
    await act(id, { act: "win" })
    expect((await stripe.disputes.list({ payment_intent: id })).data).toMatchObject([{ status: "won", amount: 500 }])
    expect(await stripe.refunds.create({ payment_intent: id })).toMatchObject({ status: "succeeded" })
    await expect.poll(typesHeard).toEqual(expect.arrayContaining(["charge.dispute.created", "charge.dispute.closed"]))
  })

  test.each([
    ["an unknown payment", "pi_unknown", { act: "dispute" }, 404],
    ["more than the payment", "", { act: "refund", amount: "501" }, 400],
    ["an act that it does not know", "", { act: "steal" }, 400],
    ["the end of a dispute that was not opened", "", { act: "lose" }, 400],
    ["a refund that it does not know", "", { act: "fail", refund: "re_unknown" }, 404],
  ])("refuses %s", async (_, unknown, fields, status) => {
    expect((await act(unknown || (await captured()), fields)).status).toBe(status)
  })
})
