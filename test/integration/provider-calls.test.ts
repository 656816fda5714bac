import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import { PaymentOutcomeUnknown } from "../../core/adapters/payment/provider.ts"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { completePayment } from "../../core/workflows/payments/complete-payment.ts"
import { givenThreeDSecure } from "../sale/given-three-d-secure.ts"
import { sharedCheckout } from "../sale/shared-checkout.ts"
import { eventOf } from "../sale/signed-call.ts"

let given: Awaited<ReturnType<typeof givenThreeDSecure>>
sharedCheckout(givenThreeDSecure, (sale) => {
  given = sale
})

describe("a webhook call that changes nothing is accepted nevertheless", () => {
  const acknowledged = { status: 200, body: { received: true } }
  const event = (type: string, object: object) => ({ id: "evt_1", object: "event", type, data: { object } })
  const capturable = "payment_intent.amount_capturable_updated"

  test.each<[string, object]>([
    ["of a type that we do not wait for", event("charge.updated", { id: "ch_1" })],
    ["of an unknown type", event("something.new", {})],
    ["about a payment that is not ours", event(capturable, { id: "pi_1", metadata: {} })],
    ["about an attempt that we never made", eventOf("pi_1", randomUUID())],
    ["about a payment with an invalid name", eventOf("../refunds", randomUUID())],
    ["that is no event", { hello: "world" }],
    ["of the provider's other kind of events", { id: "evt_1", object: "v2.core.event", type: "v1.billing.meter.error" }],
  ])("%s", async (_, sentEvent) => {
    expect(await given.webhook(sentEvent)).toMatchObject(acknowledged)
  })

  test("about a payment that the provider does not know", async () => {
    const { hold, attempts, key } = await given.sent()
    expect(await given.webhook(eventOf("pi_unknown", attemptIdOf(hold.id, key)))).toMatchObject(acknowledged)
    expect(await attempts()).toEqual([{ status: "ACTION_REQUIRED", settled: false }])
    await given.cancel(hold)
    await given.reconcile()
  })

  test("about another shopper's payment, with the id of the sender's own attempt", async () => {
    const [mine, other] = [await given.sent(), await given.sent()]
    await other.act("confirm")
    const [payment] = await given.provider.payments(attemptIdOf(other.hold.id, other.key))
    expect(await given.webhook(eventOf(payment?.id ?? "", attemptIdOf(mine.hold.id, mine.key)))).toMatchObject(acknowledged)
    await mine.statusIs("RESERVED")
    expect((await other.retry()).status).toBe(201)
    await given.cancel(mine.hold)
    await given.reconcile()
  })

  test("that reports a payment as confirmed, while the provider's API does not", async () => {
    const { sendWebhook, statusIs, retry, hold } = await given.sent()
    expect(await sendWebhook()).toMatchObject(acknowledged)
    expect(await sendWebhook("payment_intent.payment_failed")).toMatchObject(acknowledged)
    await statusIs("RESERVED")
    expect((await retry()).status).toBe(202)
    await given.cancel(hold)
    await given.reconcile()
  })

  test("about a payment that is over, without another call to the provider", async () => {
    const [declined, paid] = [await given.sent(), await given.held()]
    await declined.act("fail")
    expect((await declined.retry()).status).toBe(402)
    expect((await given.pay(paid.hold, { key: paid.key })).status).toBe(201)
    const deps = { ...given.deps, provider: given.provider.unreachable }
    for (const { hold, key } of [declined, paid]) {
      expect(await completePayment(deps, { ref: "pi_1", attemptId: attemptIdOf(hold.id, key) })).toBe("nothing")
    }
  })

  test("unless no time is left to continue the checkout: then the provider must call again", async () => {
    const { hold, key, act, attempts, sendWebhook, statusIs, history } = await given.sent()
    await act("confirm")
    const [payment] = await given.provider.payments(attemptIdOf(hold.id, key))
    const call = { ref: payment?.id ?? "", attemptId: attemptIdOf(hold.id, key) }
    await expect(completePayment(given.deps, call, 0)).rejects.toThrow(PaymentOutcomeUnknown)
    expect(await attempts()).toEqual([{ status: "AUTHORISED", settled: false }])
    expect(await sendWebhook()).toMatchObject(acknowledged)
    await statusIs("CONFIRMED")
    expect(await history()).toEqual([["action-required", "authorised"]])
  })

  test("about a payment that needed no webhook, repeatedly and in any order", async () => {
    const { hold, key } = await given.held()
    expect((await given.pay(hold, { key })).status).toBe(201)
    const types = [capturable, "payment_intent.payment_failed", "payment_intent.canceled", capturable]
    for (const type of types) expect(await given.sendWebhookFor(hold, key, type)).toMatchObject(acknowledged)
    expect(await given.attempts(hold)).toEqual([{ status: "CONFIRMED", settled: true }])
    expect(await given.paymentOf(hold, key)).toEqual([["authorised"]])
  })
})
