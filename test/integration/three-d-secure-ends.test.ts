import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { PaymentProvider } from "../../core/adapters/payment/provider.ts"
import { askBeforeEndSeconds, visibleAfterSeconds } from "../../core/workflows/payments/reconcile-payments.ts"
import { conflict, givenThreeDSecure, method, problemOf, type Sent } from "../sale/given-three-d-secure.ts"
import { sharedCheckout } from "../sale/shared-checkout.ts"

let given: Awaited<ReturnType<typeof givenThreeDSecure>>
sharedCheckout(givenThreeDSecure, (sale) => {
  given = sale
})

describe("a hold that ends while its shopper is at the provider", () => {
  const ends = {
    expiry: async (it: Sent) => {
      await given.endHolds(it.skuNo)
      await given.applyCommand(it.skuNo, { kind: "expire" })
      return { state: "EXPIRED", slug: "reservation-expired" }
    },
    "expiry that is not recorded yet": async (it: Sent) => {
      await given.endHolds(it.skuNo)
      return { state: "EXPIRED", slug: "reservation-expired" }
    },
    "a cancel": async (it: Sent) => {
      expect((await given.cancel(it.hold)).status).toBe(200)
      return { state: "CANCELLED", slug: "reservation-cancelled" }
    },
  }
  const rows = Object.entries(ends)

  /** Nothing was sold, and the provider holds no money. */
  async function expectLost(it: Sent, { state, slug }: { state: string; slug: string }) {
    expect(problemOf(await it.retry())).toEqual(conflict(slug))
    await it.statusIs(state)
    expect(await it.attempts()).toEqual([{ status: "ABANDONED", settled: true }])
    expect(await given.inventory(it.skuNo)).toMatchObject({ sold_count: 0, reserved_count: 0 })
    expect((await given.orders(it.hold.userId)).body.items).toEqual([])
  }

  test.each(rows)(
    "by %s: the next call of the shopper closes their page, and a later confirmation has no effect",
    async (_, end) => {
      const it = await given.sent()
      await expectLost(it, await end(it))
      expect(await it.act("confirm")).toBe(400)
      expect(await it.history()).toEqual([["action-required", "voided"]])
    },
  )

  test.each(rows)("by %s: the webhook cancels a payment that was confirmed too late, and may come again", async (_, end) => {
    const it = await given.sent()
    const ended = await end(it)
    await it.act("confirm")
    for (let times = 0; times < 3; times += 1) expect(await it.sendWebhook()).toMatchObject({ status: 200 })
    expect(await it.history()).toEqual([["action-required", "authorised", "voided"]])
    await expectLost(it, ended)
  })

  test.each(rows)(
    "by %s: the reconciler cancels a payment that was confirmed too late when no call and no webhook comes",
    async (_, end) => {
      const it = await given.sent()
      const ended = await end(it)
      await it.act("confirm")
      await Promise.all(Array.from({ length: 3 }, () => given.reconcile()))
      expect(await it.history()).toEqual([["action-required", "authorised", "voided"]])
      await expectLost(it, ended)
    },
  )

  test("before action-required is recorded and after the attempt was settled: the payment is found and cancelled", async () => {
    const { hold, key } = await given.held()
    const { client } = given.provider
    const withoutSearch: PaymentProvider = { ...client, findByAttempt: async () => undefined }
    const provider: PaymentProvider = {
      ...client,
      authorise: async (authorisation) => {
        const result = await client.authorise(authorisation)
        await given.cancel(hold)
        await given.reconcile({ provider: withoutSearch })
        await given.age(visibleAfterSeconds)
        await given.reconcile({ provider: withoutSearch })
        expect(await given.attempts(hold)).toEqual([{ status: "ABANDONED", settled: true }])
        return result
      },
    }
    await expect(given.payThrough({ provider }, hold, key, method)).rejects.toMatchObject({ slug: "reservation-cancelled" })
    expect(await given.paymentOf(hold, key)).toEqual([["action-required", "voided"]])
    expect(await given.attempts(hold)).toEqual([{ status: "ABANDONED", settled: true }])
  })

  test("races with the confirmation, the webhook and the shopper's call: each race has one winner, and no money is held for a loser", async () => {
    const rounds = await Promise.all(Array.from({ length: 8 }, () => given.sent()))
    await Promise.all(
      rounds.map(async (it, index) => {
        const end =
          index % 2 === 0
            ? given.cancel(it.hold)
            : given.endHolds(it.skuNo).then(() => given.applyCommand(it.skuNo, { kind: "expire" }))
        const confirmed = it.act("confirm").then(() => Promise.all([it.sendWebhook(), it.retry(), it.sendWebhook()]))
        await Promise.all([end, confirmed])
      }),
    )
    for (const it of rounds) {
      await given.endHolds(it.skuNo)
      await given.applyCommand(it.skuNo, { kind: "expire" })
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

const act = fc.constantFrom(
  "confirm",
  "fail",
  "tell",
  "ask",
  "ask-again",
  "other-key",
  "cancel",
  "end",
  "nearly-end",
  "expire",
  "reconcile",
)

test("after any concurrent events while the shopper is at the provider, there is one sale or none, and no payment without its order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(act, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }), async (rounds) => {
      const it = await given.sent()
      const acts: Record<string, () => Promise<unknown>> = {
        confirm: () => it.act("confirm"),
        fail: () => it.act("fail"),
        tell: () => it.sendWebhook(),
        ask: () => it.retry(),
        "ask-again": () => it.retry(),
        "other-key": () => given.pay(it.hold),
        cancel: () => given.cancel(it.hold),
        end: () => given.endHolds(it.skuNo),
        "nearly-end": () => given.endHolds(it.skuNo, -askBeforeEndSeconds),
        expire: () => given.applyCommand(it.skuNo, { kind: "expire" }),
        reconcile: () => given.reconcile(),
      }
      for (const round of rounds) await Promise.all(round.map((name) => acts[name]?.()))
      await given.endHolds(it.skuNo)
      await given.applyCommand(it.skuNo, { kind: "expire" })
      await given.reconcile()
      await given.age(visibleAfterSeconds)
      await given.reconcile()

      const attempts = await it.attempts()
      expect(attempts.filter(({ settled }) => !settled)).toEqual([])
      const { sold_count, reserved_count } = await given.inventory(it.skuNo)
      const orders = (await given.orders(it.hold.userId)).body.items
      expect([sold_count, reserved_count]).toEqual([orders.length, 0])
      expect(attempts.filter(({ status }) => status === "CONFIRMED")).toHaveLength(orders.length)
      const open = ["requires_capture", "requires_action"]
      const left = (await given.provider.payments()).filter(({ status }) => open.includes(status))
      expect(left).toEqual([])
      await given.expectMoneyToMatch()
    }),
    { numRuns: 25 },
  )
})
