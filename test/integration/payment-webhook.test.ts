import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { maxWebhookBodyBytes } from "../../core/contracts/http/routes.ts"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { eventOf, signedCall } from "../sale/signed-call.ts"
import { testPaymentApiKey, testWebhookSecret } from "../services/environment.ts"
import { type Ask, newKey, refused } from "./bad-input-api.ts"
import { givenShop } from "./bad-input-shop.ts"

let shop: Awaited<ReturnType<typeof givenShop>>
beforeAll(async () => {
  shop = await givenShop()
})
afterAll(() => shop.close())

const call = (request: Ask) => shop.api.ask("POST", "/v1/payments/webhook", request)
const acknowledged = { status: 200, body: { received: true } }

/** A hold whose shopper was sent to the provider. */
async function sent(user: string) {
  const id = await shop.hold(await shop.api.sku(), user)
  const key = newKey()
  const { status, body } = await shop.pay(id, user, { key, payment_method: "pm_card_threeDSecure2Required" })
  expect(status).toBe(202)
  const act = (outcome: string) => fetch(String(body.action_url), { method: "POST", body: new URLSearchParams({ outcome }) })
  const reservationStatus = async () => (await shop.api.ask("GET", `/v1/reservations/${id}`, { user })).body.status
  return { id, key, act, reservationStatus }
}

describe("a webhook call, from the provider's process to ours", () => {
  test("makes the sale of a shopper who confirmed, without another call of theirs", async () => {
    const it = await sent("alice")
    expect((await it.act("confirm")).status).toBe(200)
    await vi.waitFor(async () => expect(await it.reservationStatus()).toBe("CONFIRMED"), 10_000)
    const { body } = await shop.api.ask("GET", "/v1/orders", { user: "alice" })
    expect(body.items).toMatchObject([{ reservation_id: it.id, amount_minor: 1_999 }])
  })

  test("ends the attempt of a shopper who did not confirm, and keeps their hold", async () => {
    const it = await sent("bob")
    expect((await it.act("fail")).status).toBe(200)
    await vi.waitFor(async () => expect((await shop.pay(it.id, "bob")).status).toBe(201), 10_000)
    expect(await shop.pay(it.id, "bob", { key: it.key, payment_method: "pm_card_visa" })).toEqual(
      refused("idempotency-key-reused"),
    )
  })

  test("refunds the order whose money staff of the shop returned at the provider's page", async () => {
    const id = await shop.hold(await shop.api.sku(), "frank")
    const { body: order } = await shop.pay(id, "frank")
    const shown = async () => (await shop.api.ask("GET", `/v1/orders/${order.order_id}`, { user: "frank" })).body
    const response = await fetch(`${shop.provider.url}/sim/payments`)
    const { items } = (await response.json()) as { items: { id: string; metadata: { reservation_id: string } }[] }
    const payment = items.find(({ metadata }) => metadata.reservation_id === id)?.id ?? ""
    const headers = { authorization: `Bearer ${testPaymentApiKey}` }
    await fetch(`${shop.provider.url}/v1/payment_intents/${payment}/capture`, { method: "POST", headers })
    expect(await shown()).toMatchObject({ status: "PENDING_CAPTURE" })
    await fetch(`${shop.provider.url}/sim/refunds/${payment}`, {
      method: "POST",
      body: new URLSearchParams({ act: "refund", amount: "1999" }),
    })
    await vi.waitFor(async () => expect(await shown()).toMatchObject({ status: "REFUNDED", refunded_minor: 1_999 }), 10_000)
  })

  test("is repeated until it is accepted", async () => {
    const it = await sent("carol")
    await shop.superuser.query("ALTER TABLE payment_attempts RENAME TO payment_attempts_elsewhere")
    try {
      await it.act("confirm")
      await vi.waitFor(() => expect(shop.api.printed()).toContain("A dependency does not answer or refuses"), 10_000)
    } finally {
      await shop.superuser.query("ALTER TABLE payment_attempts_elsewhere RENAME TO payment_attempts")
    }
    await vi.waitFor(async () => expect(await it.reservationStatus()).toBe("CONFIRMED"), 10_000)
  })
})

describe("a call that the provider has not signed is signature-invalid, and changes nothing", () => {
  const event = () => eventOf("pi_1", crypto.randomUUID())
  const headers = (signature?: string) => ({ ...(signature !== undefined && { "stripe-signature": signature }) })

  test.for<[string, () => Ask]>([
    ["without a signature", () => ({ body: event() })],
    ["with an empty signature", () => ({ body: event(), headers: headers("") })],
    ["with a text that is no signature", () => ({ body: event(), headers: headers("v1") })],
    ["with a time and no signature", () => ({ body: event(), headers: headers(`t=${Math.floor(Date.now() / 1_000)}`) })],
    ["with a text that is no time", () => ({ body: event(), headers: headers("t=now,v1=00") })],
    ["with another secret", () => signedCall(event(), { secret: "whsec_of_somebody_else" })],
    ["with our API key", () => signedCall(event(), { secret: "sk_test_payments" })],
    ["five minutes and more ago", () => signedCall(event(), { ageSeconds: 302 })],
    ["for another body", () => ({ ...signedCall(event()), body: JSON.stringify(event()) })],
    ["for the same JSON in other bytes", () => spacedOut(signedCall(event()))],
    ["in a scheme that is not in use", () => schemed(signedCall(event()), "v0")],
    ["and is not JSON", () => ({ body: "nonsense" })],
  ])("%s", async ([, request]) => {
    expect(await call(request())).toEqual(refused("signature-invalid"))
  })

  const spacedOut = ({ body, headers: signed }: ReturnType<typeof signedCall>): Ask => ({ body: `${body} `, headers: signed })
  const schemed = ({ body, headers: signed }: ReturnType<typeof signedCall>, scheme: string): Ask => ({
    body,
    headers: { ...signed, "stripe-signature": signed["stripe-signature"].replace("v1=", `${scheme}=`) },
  })

  test("is refused although its payment exists: a recorded call is too old", async () => {
    const it = await sent("dave")
    const attemptId = attemptIdOf(it.id, it.key)
    expect(await call(signedCall(eventOf("pi_1", attemptId), { ageSeconds: 302 }))).toEqual(refused("signature-invalid"))
    expect(await it.reservationStatus()).toBe("RESERVED")
  })
})

describe("a signed call is checked further", () => {
  test("a call that is a minute old, or signed with two secrets of which one is ours, is accepted", async () => {
    expect(await call(signedCall(eventOf("pi_1", crypto.randomUUID()), { ageSeconds: 60 }))).toMatchObject(acknowledged)
    const event = eventOf("pi_1", crypto.randomUUID())
    const [mine, other] = [signedCall(event), signedCall(event, { secret: "whsec_rolled" })]
    const [, foreign = ""] = other.headers["stripe-signature"].split(",")
    const both = `${mine.headers["stripe-signature"]},${foreign}`
    expect(await call({ body: mine.body, headers: { ...mine.headers, "stripe-signature": both } })).toMatchObject(acknowledged)
  })

  test.for<[string, string]>([
    ["broken", '{"id":"evt_1","type":'],
    ["nothing but spaces", "  "],
    ["JSON with a byte order mark", "\ufeff{}"],
  ])("a body that is %s is malformed-json", async ([, text]) => {
    expect(await call(signedCall(text))).toEqual(refused("malformed-json"))
  })

  test.for<[string, string]>([
    ["null", "null"],
    ["a number", "7"],
    ["a list", "[]"],
    ["an object with __proto__", '{"__proto__":{"type":"payment_intent.payment_failed"}}'],
    ["an event about a payment with an invalid name", JSON.stringify(eventOf("../../v1/refunds", crypto.randomUUID()))],
    ["an event about a payment with an invalid attempt", JSON.stringify(eventOf("pi_1", "' OR 1=1; --"))],
    ["nested very deeply", `{"type":"x","data":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
  ])("a body that is %s is no event for us, and is accepted", async ([, text]) => {
    expect(await call(signedCall(text))).toMatchObject(acknowledged)
  })
})

describe("the other HTTP rules hold as for every call", () => {
  test.for<[string, () => Ask, Parameters<typeof refused>[0]]>([
    ["nothing at all", () => ({ headers: { "content-type": "application/json" } }), "malformed-json"],
    ["invalid UTF-8", () => ({ body: Buffer.from('{"a":"\xff"}', "latin1") }), "malformed-json"],
    ["too large", () => signedCall(JSON.stringify({ pad: "x".repeat(maxWebhookBodyBytes) })), "payload-too-large"],
    ["of another type", () => ({ body: "{}", headers: { "content-type": "text/plain" } }), "unsupported-media-type"],
    [
      "for an answer in another",
      () => ({ ...signedCall({}), headers: { ...signedCall({}).headers, accept: "text/html" } }),
      "not-acceptable",
    ],
  ])("%s", async ([, request, slug]) => {
    expect(await call(request())).toEqual(refused(slug))
  })

  test("a body up to the limit of the webhook is read; the limit is higher than that of other calls", async () => {
    const event = { ...eventOf("pi_1", crypto.randomUUID()), pad: "" }
    const room = maxWebhookBodyBytes - JSON.stringify(event).length
    expect(await call(signedCall({ ...event, pad: "x".repeat(room) }))).toMatchObject(acknowledged)
  })

  test("Stripe's own Accept header is served, and no other method", async () => {
    const { body, headers } = signedCall(eventOf("pi_1", crypto.randomUUID()))
    expect(await call({ body, headers: { ...headers, accept: "*/*; q=0.5, application/xml" } })).toMatchObject(acknowledged)
    expect(await shop.api.ask("GET", "/v1/payments/webhook")).toEqual(refused("method-not-allowed"))
  })

  test("no answer and no log holds the secret", () => {
    expect(shop.api.printed()).not.toContain(testWebhookSecret)
  })
})

test("while the provider does not answer, the webhook and the shopper's call are temporarily-unavailable", async () => {
  const it = await sent("erin")
  await shop.provider.stop()
  expect(await call(signedCall(eventOf("pi_1", attemptIdOf(it.id, it.key))))).toEqual(refused("temporarily-unavailable"))
  expect(await shop.pay(it.id, "erin", { key: it.key, payment_method: "pm_card_threeDSecure2Required" })).toEqual(
    refused("outcome-unknown"),
  )
})

test("after these tests every invariant holds", () => shop.expectInvariants())
