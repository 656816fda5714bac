import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import type { PaymentProvider } from "../../core/adapters/payment/provider.ts"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { completePayment } from "../../core/workflows/payments/complete-payment.ts"
import { askBeforeEndSeconds, captureGraceSeconds } from "../../core/workflows/payments/reconcile-payments.ts"
import { conflict, givenThreeDSecure, method, problemOf, type Sent } from "../sale/given-three-d-secure.ts"
import { sharedCheckout } from "../sale/shared-checkout.ts"

let given: Awaited<ReturnType<typeof givenThreeDSecure>>
sharedCheckout(givenThreeDSecure, (sale) => {
  given = sale
})

describe("a card that its holder has to confirm is payment-action-required", () => {
  test("with the provider's page and Retry-After; the hold stays, and the same key gets the same answer", async () => {
    const { hold, key, first, retry, statusIs, history, attempts } = await given.sent()
    expect(first).toMatchObject({
      status: 202,
      headers: { "content-type": "application/json", location: `/v1/reservations/${hold.id}`, "retry-after": "2" },
      body: {
        type: "/problems/payment-action-required",
        status: 202,
        decided: true,
        reservation_id: hold.id,
        action_url: expect.stringContaining(given.provider.url),
      },
    })
    expect(await retry()).toMatchObject({ status: 202, body: first.body })
    await statusIs("RESERVED")
    expect(await attempts()).toEqual([{ status: "ACTION_REQUIRED", settled: false }])
    expect(await history()).toEqual([["action-required"]])
    expect(problemOf(await given.pay(hold))).toEqual(conflict("payment-in-progress"))
    expect(problemOf(await given.pay(hold, { key }))).toEqual([422, "/problems/idempotency-key-reused"])
    await given.cancel(hold)
    await given.reconcile()
  })

  test("for twenty equal calls at once, and there is one payment", async () => {
    const { hold, key } = await given.held()
    const answers = await Promise.all(Array.from({ length: 20 }, () => given.pay(hold, { key, method })))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.action_url}`)).size).toBe(1)
    expect(answers.at(0)?.status).toBe(202)
    expect(await given.paymentOf(hold, key)).toEqual([["action-required"]])
    await given.cancel(hold)
    await given.reconcile()
  })

  test("a decline where the provider has no page for the shopper, and the payment is cancelled", async () => {
    const { hold, key } = await given.held()
    const planted = { provider: given.provider.withoutPages }
    await expect(given.payThrough(planted, hold, key, method)).rejects.toMatchObject({ slug: "payment-declined" })
    expect(await given.paymentOf(hold, key)).toEqual([["action-required", "voided"]])
    expect((await given.pay(hold)).status).toBe(201)
  })
})

describe("a stage without a domain", () => {
  test("sends the shopper to the provider's page, because the call says where the shopper comes from", async () => {
    const { hold, key } = await given.held()
    const planted = { provider: given.provider.withoutPages }
    const answer = await given.payThrough(planted, hold, key, method, "https://d111111abcdef8.cloudfront.net/")
    expect(answer).toMatchObject({ status: 202, body: { action_url: expect.stringContaining(given.provider.url) } })
    const page = await fetch(String((answer as { body: { action_url: string } }).body.action_url))
    expect(page.status).toBe(200)
    await given.cancel(hold)
    await given.reconcile()
  })
})

describe("the shopper confirms", () => {
  test("and the webhook makes the sale: the next reads show it, and the same key gets the order", async () => {
    const { hold, act, sendWebhook, retry, statusIs, history } = await given.sent()
    expect(await act("confirm")).toBe(200)
    expect(await sendWebhook()).toMatchObject({ status: 200, body: { received: true } })
    await statusIs("CONFIRMED")
    const order = await retry()
    expect(order).toMatchObject({ status: 200, body: { reservation_id: hold.id, amount_minor: 4_200 } })
    expect((await given.orders(hold.userId)).body.items).toEqual([order.body])
    expect(await history()).toEqual([["action-required", "authorised"]])
  })

  test("and no webhook comes: the same key makes the sale", async () => {
    const { hold, act, retry, statusIs } = await given.sent()
    await act("confirm")
    expect(await retry()).toMatchObject({ status: 201, body: { reservation_id: hold.id } })
    expect(await retry()).toMatchObject({ status: 200 })
    await statusIs("CONFIRMED")
  })

  test("and neither a webhook nor a call comes: the reconciler makes the sale just before the hold ends, and does not ask earlier", async () => {
    const { hold, act, skuNo, statusIs } = await given.sent()
    await act("confirm")
    expect(await given.reconcile()).toMatchObject({ completed: 0 })
    await given.endHolds(skuNo, -askBeforeEndSeconds)
    expect(await given.reconcile()).toMatchObject({ completed: 1, abandoned: 0 })
    await statusIs("CONFIRMED")
    expect((await given.orders(hold.userId)).body.items).toHaveLength(1)
  })

  test("and the process that received the webhook died before the sale was made: the reconciler makes it", async () => {
    const { hold, key, act, skuNo, attempts, statusIs } = await given.sent()
    await act("confirm")
    const [payment] = await given.provider.payments(attemptIdOf(hold.id, key))
    const call = { ref: payment?.id ?? "", attemptId: attemptIdOf(hold.id, key) }
    await expect(completePayment(given.deps, call, 0)).rejects.toThrow("no definite answer")
    expect(await attempts()).toEqual([{ status: "AUTHORISED", settled: false }])
    await given.endHolds(skuNo, -askBeforeEndSeconds)
    expect(await given.reconcile()).toMatchObject({ completed: 1, abandoned: 0 })
    await statusIs("CONFIRMED")
  })

  test("before action-required is recorded: the webhook makes the sale nevertheless", async () => {
    const { hold, key } = await given.held()
    const { client } = given.provider
    const provider: PaymentProvider = {
      ...client,
      authorise: async (authorisation) => {
        const result = await client.authorise(authorisation)
        if (result.kind !== "made" || result.payment.status !== "action-required") throw new Error("No page was offered")
        await given.provider.act(result.payment.actionUrl, "confirm")
        expect(await given.attempts(hold)).toEqual([{ status: "OPEN", settled: false }])
        expect(await given.sendWebhookFor(hold, key)).toMatchObject({ status: 200 })
        return result
      },
    }
    expect(await given.payThrough({ provider }, hold, key, method)).toMatchObject({
      status: 200,
      body: { reservation_id: hold.id },
    })
    expect(await given.attempts(hold)).toEqual([{ status: "CONFIRMED", settled: true }])
  })

  test("and an operator captures the money at the provider by hand: the sale is made, and its order becomes PAID", async () => {
    const { hold, key, act, sendWebhook, statusIs } = await given.sent()
    await act("confirm")
    const [payment] = await given.provider.payments(attemptIdOf(hold.id, key))
    await given.provider.client.capture({ attemptId: randomUUID(), ref: payment?.id ?? "" })
    await sendWebhook()
    await statusIs("CONFIRMED")
    await given.age(captureGraceSeconds)
    await given.reconcile()
    expect((await given.orders(hold.userId)).body.items).toMatchObject([{ status: "PAID" }])
  })

  test("and the provider has not finished the payment: the outcome is unknown, and the same key makes the sale later", async () => {
    const { hold, key, act, retry, attempts } = await given.sent()
    await act("confirm")
    const { client } = given.provider
    const provider: PaymentProvider = { ...client, retrieve: async (ref) => ({ ref, attemptId: "", status: "pending" }) }
    await expect(given.payThrough({ provider }, hold, key, method)).rejects.toMatchObject({ slug: "outcome-unknown" })
    expect(await attempts()).toEqual([{ status: "ACTION_REQUIRED", settled: false }])
    expect((await retry()).status).toBe(201)
  })

  test.each([1, 2, 3, 4, 5])("and webhooks, calls and reconcilers come at once: one order, one payment (%i)", async () => {
    const { hold, act, sendWebhook, retry, skuNo, history } = await given.sent()
    await act("confirm")
    await given.endHolds(skuNo, -askBeforeEndSeconds)
    const webhookCalls = Array.from({ length: 4 }, () => sendWebhook())
    const shoppers = Array.from({ length: 4 }, () => retry())
    await Promise.all([...webhookCalls, ...shoppers, given.reconcile(), given.reconcile()])
    expect((await Promise.all(webhookCalls)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const orders = (await Promise.all(shoppers)).map(({ status, body }) => {
      expect([200, 201]).toContain(status)
      return body.order_id
    })
    expect(new Set(orders).size).toBe(1)
    expect((await given.orders(hold.userId)).body.items).toHaveLength(1)
    expect(await history()).toEqual([["action-required", "authorised"]])
    expect(await given.inventory(skuNo)).toMatchObject({ sold_count: 1, reserved_count: 0 })
  })
})

describe("the shopper does not confirm", () => {
  test.each([
    ["the webhook", (it: Sent) => it.sendWebhook("payment_intent.payment_failed")],
    ["the shopper's own call", (it: Sent) => it.retry()],
  ])("and %s reports it: 402 for the same key, the provider holds no money, another key pays", async (_, report) => {
    const it = await given.sent()
    await it.act("fail")
    await report(it)
    expect(problemOf(await it.retry())).toEqual([402, "/problems/payment-declined"])
    expect((await it.retry()).body.detail).toContain("not confirmed")
    expect(await it.history()).toEqual([["action-required", "authentication-failed", "voided"]])
    await it.statusIs("RESERVED")
    expect((await given.pay(it.hold)).status).toBe(201)
    // A call that comes late, or again, changes nothing.
    expect(await it.sendWebhook()).toMatchObject({ status: 200 })
    expect(await it.attempts()).toEqual([
      { status: "DECLINED", settled: true },
      { status: "CONFIRMED", settled: true },
    ])
  })

  test("and the payment was cancelled at the provider: the webhook ends the attempt", async () => {
    const it = await given.sent()
    const [payment] = await given.provider.payments(attemptIdOf(it.hold.id, it.key))
    await given.provider.client.void({ attemptId: randomUUID(), ref: payment?.id ?? "" })
    await it.sendWebhook("payment_intent.canceled")
    expect(await it.attempts()).toEqual([{ status: "DECLINED", settled: true }])
    expect((await given.pay(it.hold)).status).toBe(201)
  })
})
