import { randomUUID } from "node:crypto"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { PaymentProvider } from "../../core/adapters/payment/provider.ts"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { lastCallSeconds } from "../../core/workflows/reconcile-payments.ts"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { eventOf } from "../sale/signed-call.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
beforeAll(async () => {
  given = await givenCheckout()
})
afterAll(() => given.close())
afterEach(async () => {
  await given.expectInvariants()
  await given.expectMoneyToMatch()
})

const method = "pm_card_threeDSecure2Required"
const problemOf = ({ status, body }: Awaited<ReturnType<typeof given.pay>>) => [status, body.type]
const conflict = (slug: string) => [409, `/problems/${slug}`]

/** A hold of a SKU of its own, and a key to pay it with. */
async function held() {
  const sku = await given.sku({ total_stock: 1, price_minor: 4_200 })
  const [hold] = await given.reserve(sku)
  if (hold === undefined) throw new Error("Nothing was reserved")
  return { hold, key: randomUUID() as string, skuNo: sku.skuNo }
}

/** A hold whose shopper was sent to the provider, and what he and the provider may do then. */
async function sent() {
  const { hold, key, skuNo } = await held()
  const again = () => given.pay(hold, { key, method })
  const first = await again()
  const url = String(first.body.action_url)
  return {
    ...{ hold, key, skuNo, first, again },
    act: (outcome: "confirm" | "fail") => given.provider.act(url, outcome),
    told: (type?: string) => tell(hold, key, type),
    history: () => given.paymentOf(hold, key),
    attempts: () => given.attempts(hold),
    statusIs: async (status: string) => expect((await given.status(hold)).body.status).toBe(status),
  }
}

/** The provider's call about the payment of a key, with nothing in it that says how it stands. */
async function tell(hold: Hold, key: string, type?: string) {
  const attemptId = attemptIdOf(hold.id, key)
  const [payment] = await given.provider.payments(attemptId)
  return given.webhook(eventOf(payment?.id ?? "pi_none", attemptId, type))
}

describe("a card that its holder has to confirm is payment-action-required", () => {
  test("with the provider's page and when to ask again; the hold stays, and the same key is told the same", async () => {
    const { hold, key, first, again, statusIs, history, attempts } = await sent()
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
    expect(await again()).toMatchObject({ status: 202, body: first.body })
    await statusIs("RESERVED")
    expect(await attempts()).toEqual([{ status: "ACTION_REQUIRED", settled: false }])
    expect(await history()).toEqual([["action-required"]])
    expect(problemOf(await given.pay(hold))).toEqual(conflict("payment-in-progress"))
    expect(problemOf(await given.pay(hold, { key }))).toEqual([422, "/problems/idempotency-key-reused"])
    await given.cancel(hold)
    await given.reconcile()
  })

  test("by twenty equal calls at once, and it is one payment", async () => {
    const { hold, key } = await held()
    const answers = await Promise.all(Array.from({ length: 20 }, () => given.pay(hold, { key, method })))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.action_url}`)).size).toBe(1)
    expect(answers.at(0)?.status).toBe(202)
    expect(await given.paymentOf(hold, key)).toEqual([["action-required"]])
    await given.cancel(hold)
    await given.reconcile()
  })

  test("where the provider has no page for him it is a decline, and the payment is cancelled", async () => {
    const { hold, key } = await held()
    const planted = { provider: given.provider.withoutPages }
    await expect(given.payThrough(planted, hold, key, method)).rejects.toMatchObject({ slug: "payment-declined" })
    expect(await given.paymentOf(hold, key)).toEqual([["action-required", "voided"]])
    expect((await given.pay(hold)).status).toBe(201)
  })
})

describe("the shopper confirms", () => {
  test("and the webhook makes the sale: his next reads show it, and his key gets the order", async () => {
    const { hold, act, told, again, statusIs, history } = await sent()
    expect(await act("confirm")).toBe(200)
    expect(await told()).toMatchObject({ status: 200, body: { received: true } })
    await statusIs("CONFIRMED")
    const order = await again()
    expect(order).toMatchObject({ status: 200, body: { reservation_id: hold.id, amount_minor: 4_200 } })
    expect((await given.orders(hold.userId)).body.items).toEqual([order.body])
    expect(await history()).toEqual([["action-required", "authorised"]])
  })

  test("and no webhook comes: the same key makes the sale", async () => {
    const { hold, act, again, statusIs } = await sent()
    await act("confirm")
    expect(await again()).toMatchObject({ status: 201, body: { reservation_id: hold.id } })
    expect(await again()).toMatchObject({ status: 200 })
    await statusIs("CONFIRMED")
  })

  test("and neither comes: the reconciler makes the sale before the hold ends, and asks no sooner", async () => {
    const { hold, act, skuNo, statusIs } = await sent()
    await act("confirm")
    expect(await given.reconcile()).toMatchObject({ completed: 0 })
    await given.endHolds(skuNo, -lastCallSeconds)
    expect(await given.reconcile()).toMatchObject({ completed: 1, abandoned: 0 })
    await statusIs("CONFIRMED")
    expect((await given.orders(hold.userId)).body.items).toHaveLength(1)
  })

  test("before anybody noted that he has to: the webhook makes the sale all the same", async () => {
    const { hold, key } = await held()
    const { client } = given.provider
    const provider: PaymentProvider = {
      ...client,
      authorise: async (authorisation) => {
        const result = await client.authorise(authorisation)
        if (result.kind !== "made" || result.payment.status !== "action-required") throw new Error("No page was offered")
        await given.provider.act(result.payment.actionUrl, "confirm")
        expect(await given.attempts(hold)).toEqual([{ status: "OPEN", settled: false }])
        expect(await tell(hold, key)).toMatchObject({ status: 200 })
        return result
      },
    }
    expect(await given.payThrough({ provider }, hold, key, method)).toMatchObject({
      created: false,
      order: { reservation_id: hold.id },
    })
    expect(await given.attempts(hold)).toEqual([{ status: "CONFIRMED", settled: true }])
  })

  test.each([1, 2, 3, 4, 5])("and everybody says so at once: one order, one payment (%i)", async () => {
    const { hold, act, told, again, skuNo, history } = await sent()
    await act("confirm")
    await given.endHolds(skuNo, -lastCallSeconds)
    const told200 = Array.from({ length: 4 }, () => told())
    const shoppers = Array.from({ length: 4 }, () => again())
    await Promise.all([...told200, ...shoppers, given.reconcile(), given.reconcile()])
    expect((await Promise.all(told200)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
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
    ["by the webhook", (it: Awaited<ReturnType<typeof sent>>) => it.told("payment_intent.payment_failed")],
    ["by his own call", (it: Awaited<ReturnType<typeof sent>>) => it.again()],
  ])("and we hear of it %s: 402 for the same key, nothing stays with the provider, another key pays", async (_, hear) => {
    const it = await sent()
    await it.act("fail")
    await hear(it)
    expect(problemOf(await it.again())).toEqual([402, "/problems/payment-declined"])
    expect((await it.again()).body.detail).toContain("not confirmed")
    expect(await it.history()).toEqual([["action-required", "authentication-failed", "voided"]])
    await it.statusIs("RESERVED")
    expect((await given.pay(it.hold)).status).toBe(201)
    // A call that comes late, or again, changes nothing.
    expect(await it.told()).toMatchObject({ status: 200 })
    expect(await it.attempts()).toEqual([
      { status: "DECLINED", settled: true },
      { status: "CONFIRMED", settled: true },
    ])
  })

  test("and the payment was given up at the provider: the webhook ends the attempt", async () => {
    const it = await sent()
    const [payment] = await given.provider.payments(attemptIdOf(it.hold.id, it.key))
    await given.provider.client.void({ attemptId: randomUUID(), ref: payment?.id ?? "" })
    await it.told("payment_intent.canceled")
    expect(await it.attempts()).toEqual([{ status: "DECLINED", settled: true }])
    expect((await given.pay(it.hold)).status).toBe(201)
  })
})

describe("a hold that ends while its shopper is at the provider", () => {
  const ends = {
    expiry: async (it: Awaited<ReturnType<typeof sent>>) => {
      await given.endHolds(it.skuNo)
      await given.settle(it.skuNo, { kind: "expire" })
      return { state: "EXPIRED", slug: "reservation-expired" }
    },
    "expiry that nobody has noticed": async (it: Awaited<ReturnType<typeof sent>>) => {
      await given.endHolds(it.skuNo)
      return { state: "EXPIRED", slug: "reservation-expired" }
    },
    "a cancel": async (it: Awaited<ReturnType<typeof sent>>) => {
      expect((await given.cancel(it.hold)).status).toBe(200)
      return { state: "CANCELLED", slug: "reservation-cancelled" }
    },
  }
  const rows = Object.entries(ends)

  /** Nothing was sold, and nothing stays with the provider. */
  async function expectLost(it: Awaited<ReturnType<typeof sent>>, { state, slug }: { state: string; slug: string }) {
    expect(problemOf(await it.again())).toEqual(conflict(slug))
    await it.statusIs(state)
    expect(await it.attempts()).toEqual([{ status: "ABANDONED", settled: true }])
    expect(await given.inventory(it.skuNo)).toMatchObject({ sold_count: 0, reserved_count: 0 })
    expect((await given.orders(it.hold.userId)).body.items).toEqual([])
  }

  test.each(rows)("by %s: his page is closed when he asks again, and what he confirms then is nothing", async (_, end) => {
    const it = await sent()
    await expectLost(it, await end(it))
    expect(await it.act("confirm")).toBe(400)
    expect(await it.history()).toEqual([["action-required", "voided"]])
  })

  test.each(rows)("by %s: what he confirmed too late is given back by the webhook, which may come again", async (_, end) => {
    const it = await sent()
    const ended = await end(it)
    await it.act("confirm")
    for (let times = 0; times < 3; times += 1) expect(await it.told()).toMatchObject({ status: 200 })
    expect(await it.history()).toEqual([["action-required", "authorised", "voided"]])
    await expectLost(it, ended)
  })

  test.each(rows)("by %s: and when nobody asks or tells any more, by the reconciler", async (_, end) => {
    const it = await sent()
    const ended = await end(it)
    await it.act("confirm")
    await Promise.all(Array.from({ length: 3 }, () => given.reconcile()))
    expect(await it.history()).toEqual([["action-required", "authorised", "voided"]])
    await expectLost(it, ended)
  })

  test("races with his confirmation, the webhook and his own call to one winner each time, and no loser keeps money", async () => {
    const rounds = await Promise.all(Array.from({ length: 8 }, () => sent()))
    await Promise.all(
      rounds.map(async (it, index) => {
        const end =
          index % 2 === 0
            ? given.cancel(it.hold)
            : given.endHolds(it.skuNo).then(() => given.settle(it.skuNo, { kind: "expire" }))
        const confirmed = it.act("confirm").then(() => Promise.all([it.told(), it.again(), it.told()]))
        await Promise.all([end, confirmed])
      }),
    )
    for (const it of rounds) {
      await given.endHolds(it.skuNo)
      await given.settle(it.skuNo, { kind: "expire" })
    }
    await given.reconcile()
    await given.reconcile()
    for (const it of rounds) {
      const sold = (await given.orders(it.hold.userId)).body.items.length
      expect(await given.inventory(it.skuNo)).toMatchObject({ sold_count: sold, reserved_count: 0 })
      expect(await it.attempts()).toEqual([{ status: sold === 1 ? "CONFIRMED" : "ABANDONED", settled: true }])
    }
  })
})

describe("a call of the provider that changes nothing is heard all the same", () => {
  const heard = { status: 200, body: { received: true } }
  const event = (type: string, object: object) => ({ id: "evt_1", object: "event", type, data: { object } })
  const capturable = "payment_intent.amount_capturable_updated"

  test.each<[string, object]>([
    ["of a type that we do not wait for", event("charge.updated", { id: "ch_1" })],
    ["of a type that nobody knows", event("something.new", {})],
    ["about a payment that is not ours", event(capturable, { id: "pi_1", metadata: {} })],
    ["about an attempt that we never made", eventOf("pi_1", randomUUID())],
    ["about a payment whose name is none", eventOf("../refunds", randomUUID())],
    ["that is no event", { hello: "world" }],
    ["of the provider's other kind of events", { id: "evt_1", object: "v2.core.event", type: "v1.billing.meter.error" }],
  ])("%s", async (_, sentEvent) => {
    expect(await given.webhook(sentEvent)).toMatchObject(heard)
  })

  test("about a payment that the provider does not know", async () => {
    const { hold, attempts, key } = await sent()
    expect(await given.webhook(eventOf("pi_unknown", attemptIdOf(hold.id, key)))).toMatchObject(heard)
    expect(await attempts()).toEqual([{ status: "ACTION_REQUIRED", settled: false }])
    await given.cancel(hold)
    await given.reconcile()
  })

  test("about another shopper's payment, in the name of his own attempt", async () => {
    const [mine, other] = [await sent(), await sent()]
    await other.act("confirm")
    const [payment] = await given.provider.payments(attemptIdOf(other.hold.id, other.key))
    expect(await given.webhook(eventOf(payment?.id ?? "", attemptIdOf(mine.hold.id, mine.key)))).toMatchObject(heard)
    await mine.statusIs("RESERVED")
    expect((await other.again()).status).toBe(201)
    await given.cancel(mine.hold)
    await given.reconcile()
  })

  test("that says it is confirmed, while the provider says that it is not", async () => {
    const { told, statusIs, again, hold } = await sent()
    expect(await told()).toMatchObject(heard)
    expect(await told("payment_intent.payment_failed")).toMatchObject(heard)
    await statusIs("RESERVED")
    expect((await again()).status).toBe(202)
    await given.cancel(hold)
    await given.reconcile()
  })

  test("about a payment that needed nothing of this, however often and in whatever order", async () => {
    const { hold, key } = await held()
    expect((await given.pay(hold, { key })).status).toBe(201)
    const types = [capturable, "payment_intent.payment_failed", "payment_intent.canceled", capturable]
    for (const type of types) expect(await tell(hold, key, type)).toMatchObject(heard)
    expect(await given.attempts(hold)).toEqual([{ status: "CONFIRMED", settled: true }])
    expect(await given.paymentOf(hold, key)).toEqual([["authorised"]])
  })
})
