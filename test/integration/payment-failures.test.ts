import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import type { PaymentProvider } from "../../core/adapters/payment/provider.ts"
import { stripeProvider } from "../../core/adapters/payment/stripe.ts"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { captureOrSetAside, capturePayment } from "../../core/workflows/payments/capture-payment.ts"
import { captureGraceSeconds, visibleAfterSeconds } from "../../core/workflows/payments/reconcile-payments.ts"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { sharedCheckout } from "../sale/shared-checkout.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
sharedCheckout(givenCheckout, (sale) => {
  given = sale
})

const problemOf = ({ status, body }: Awaited<ReturnType<typeof given.pay>>) => [status, body.type]
const unavailable = [503, "/problems/temporarily-unavailable"]

/** A hold of a SKU of its own, and a key to pay it with. */
async function held(price = 500) {
  const sku = await given.sku({ total_stock: 1, price_minor: price })
  const [hold] = await given.reserve(sku)
  if (hold === undefined) throw new Error("Nothing was reserved")
  return { hold, key: randomUUID() as string, skuNo: sku.skuNo }
}
const orderOf = async (hold: Hold) => (await given.orders(hold.userId)).body.items[0]
const withWrongKey = () => stripeProvider({ apiKey: async () => "sk_test_wrong", apiUrl: given.provider.url })
/** Does the due work, and checks that the provider holds no money. */
async function expectNothingHeld() {
  await given.age(visibleAfterSeconds)
  await given.reconcile()
  expect((await given.provider.payments()).filter(({ status }) => status === "requires_capture")).toEqual([])
}

describe("a failure that the provider recorded for a payment", () => {
  test("ends the attempt: the shopper pays with another key within the hold", async () => {
    const { hold, key } = await held()
    for (let times = 0; times < 2; times += 1) {
      expect(problemOf(await given.pay(hold, { key, method: "sim_error" }))).toEqual([402, "/problems/payment-declined"])
    }
    expect((await given.status(hold)).body).toMatchObject({ status: "RESERVED" })
    expect((await given.pay(hold)).status).toBe(201)
    expect((await given.attempts(hold)).map(({ status }) => status)).toEqual(["ABANDONED", "CONFIRMED"])
    await expectNothingHeldBeside(hold)
  })

  test("does not count if the payment was made nevertheless: the checkout continues with it", async () => {
    const { hold, key } = await held()
    expect((await given.pay(hold, { key, method: "sim_error_paid" })).status).toBe(201)
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "broke"]])
    await expectNothingHeldBeside(hold)
  })

  test("and a payment that the provider's search shows too late is cancelled, while the payment of the other key stays", async () => {
    const { hold, key } = await held()
    const hidden = { ...given.provider.client, findByAttempt: async () => undefined }
    await expect(given.payThrough({ provider: hidden }, hold, key, "sim_error_paid")).rejects.toMatchObject({
      slug: "payment-declined",
    })
    expect((await given.pay(hold)).status).toBe(201)
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "broke"]])
    await given.reconcile()
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "broke", "voided"]])
    await expectNothingHeldBeside(hold)
  })

  /** The order of the hold is captured, and no other money of it is held. */
  async function expectNothingHeldBeside(hold: Hold) {
    await capturePayment(given.deps, (await orderOf(hold)).order_id)
    await expectNothingHeld()
  }
})

describe("a request that the provider refuses is our error: the card is not declined", () => {
  test.each<[string, () => Partial<PaymentProvider>]>([
    ["an API key that it does not accept (401)", withWrongKey],
    ["an amount that it does not charge (400)", () => asking({ amountMinor: 1 })],
    ["a currency that it does not know (400)", () => asking({ currency: "XYZ" })],
  ])("%s: 503, the attempt and the hold stay, and the same key pays once the fault is repaired", async (_, broken) => {
    const { hold, key } = await held()
    const provider = { ...given.provider.client, ...broken() }
    await expect(given.payThrough({ provider }, hold, key)).rejects.toMatchObject({
      slug: "temporarily-unavailable",
      details: { retryAfterSeconds: expect.any(Number) },
    })
    expect(await given.attempts(hold)).toEqual([{ status: "OPEN", settled: false }])
    expect((await given.status(hold)).body).toMatchObject({ status: "RESERVED" })
    expect((await given.pay(hold, { key })).status).toBe(201)
  })

  test("over HTTP, for a price that our checks did not refuse: 503 and no decline", async () => {
    const { skuId, ...sku } = await given.sku({ total_stock: 1, status: "draft" })
    await given.superuser.query("UPDATE products SET price_minor = 20 WHERE sku_id = $1", [skuId])
    await given.applyCommand(sku.skuNo, { kind: "open", skuNo: sku.skuNo })
    const [hold] = await given.reserve({ skuId, ...sku })
    if (hold === undefined) return
    const answer = await given.pay(hold)
    expect(problemOf(answer)).toEqual(unavailable)
    expect((await given.status(hold)).body).toMatchObject({ status: "RESERVED" })
    await given.cancel(hold)
    await expectNothingHeld()
  })

  test("for an unknown payment method, which the shopper chose: a decline", async () => {
    const { hold } = await held()
    expect(problemOf(await given.pay(hold, { method: "pm_card_of_nobody" }))).toEqual([402, "/problems/payment-declined"])
  })

  const asking = (changed: object): Partial<PaymentProvider> => ({
    authorise: (authorisation) => given.provider.client.authorise({ ...authorisation, ...changed }),
  })
})

test("two calls under one key at once: after the provider's conflict, in both of its forms, the call waits and reads again", async () => {
  const { hold, key } = await held()
  const answers = await Promise.all(Array.from({ length: 6 }, () => given.pay(hold, { key, method: "pm_card_visa" })))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201])
  expect(await given.paymentOf(hold, key)).toEqual([["authorised"]])
})

describe("several calls confirm one attempt at the same time", () => {
  test("exactly one of them makes the sale, in every order at the database", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { hold, key } = await held()
      expect((await given.pay(hold, { key, method: "sim_lost_reply" })).status).toBe(503)
      const answers = await Promise.all(Array.from({ length: 8 }, () => given.pay(hold, { key, method: "sim_lost_reply" })))
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(7)
    }
  })
})

describe("a capture that does not succeed at once", () => {
  const aged = async (hold: Hold, key: string, method: string) => {
    const { body: order } = await given.pay(hold, { key, method })
    await given.age(captureGraceSeconds)
    return order.order_id as string
  }

  test.each([
    ["with a recorded failure before the work was done", "sim_capture_error", ["authorised", "broke", "captured"]],
    ["with a recorded failure after the work was done", "sim_capture_error_paid", ["authorised", "captured", "broke"]],
    ["with a refusal while the money stays held", "sim_capture_refused_once", ["authorised", "capture-failed", "captured"]],
  ])("%s is paid by a later try, and not FAILED", async (_, method, history) => {
    const { hold, key, skuNo } = await held()
    await aged(hold, key, method)
    await given.reconcile()
    expect((await orderOf(hold)).status).not.toBe("FAILED")
    await given.reconcile()
    expect((await orderOf(hold)).status).toBe("PAID")
    expect(await given.paymentOf(hold, key)).toEqual([history])
    expect(await given.inventory(skuNo)).toMatchObject({ sold_count: 1 })
  })

  test("because the provider refuses our key: the order waits, its unit stays sold, and it is captured later", async () => {
    const { hold, key, skuNo } = await held()
    await aged(hold, key, "pm_card_visa")
    await given.reconcile({ provider: withWrongKey() })
    expect((await orderOf(hold)).status).toBe("PENDING_CAPTURE")
    expect(await given.inventory(skuNo)).toMatchObject({ sold_count: 1 })
    await given.reconcile()
    expect((await orderOf(hold)).status).toBe("PAID")
  })

  test("because the payment does not exist under our key: the order waits, too", async () => {
    const { hold, key } = await held()
    const orderId = await aged(hold, key, "pm_card_visa")
    const attemptId = attemptIdOf(hold.id, key)
    const rename = (ref: string) =>
      given.superuser.query("UPDATE payment_attempts SET provider_ref = $2 WHERE attempt_id = $1 RETURNING provider_ref", [
        attemptId,
        ref,
      ])
    const [payment] = await given.provider.payments(attemptId)
    await rename("pi_of_another_account")
    expect(await captureOrSetAside(given.deps, orderId)).toBe("set-aside")
    expect((await orderOf(hold)).status).toBe("PENDING_CAPTURE")
    await rename(payment?.id ?? "")
    await given.reconcile()
    expect((await orderOf(hold)).status).toBe("PAID")
  })
})

describe("money that goes back to the shopper", () => {
  test("is voided by a later try when the provider recorded a failure", async () => {
    const { hold, key, skuNo } = await held()
    const attemptId = attemptIdOf(hold.id, key)
    const { client } = given.provider
    const provider = {
      ...client,
      authorise: async (authorisation: Parameters<typeof client.authorise>[0]) => {
        const result = await client.authorise(authorisation)
        await given.endHolds(skuNo)
        return result
      },
    }
    await expect(given.payThrough({ provider }, hold, key, "sim_void_error")).rejects.toMatchObject({
      slug: "reservation-expired",
    })
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "broke"]])
    await given.reconcile()
    expect(await given.paymentOf(hold, key)).toEqual([["authorised", "broke", "voided"]])
    expect((await given.provider.payments(attemptId)).map(({ status }) => status)).toEqual(["canceled"])
  })

  test.each([
    [
      "with a recorded failure before it was made is made once",
      "sim_refund_error",
      ["authorised", "captured", "broke", "refunded"],
    ],
    [
      "with a recorded failure after it was made is not made again",
      "sim_refund_error_paid",
      ["authorised", "captured", "refunded", "broke"],
    ],
  ])("a refund %s", async (_, method, history) => {
    const { client } = given.provider
    const attemptId = randomUUID()
    const made = await client.authorise({
      attemptId,
      reservationId: randomUUID(),
      amountMinor: 500,
      currency: "EUR",
      paymentMethod: method,
    })
    if (made.kind !== "made") throw new Error(`The provider answered ${made.kind}`)
    const payment = { attemptId, ref: made.payment.ref }
    await client.capture(payment)
    await client.refund(payment).catch(() => {})
    await Promise.all([client.refund(payment), client.refund(payment).catch(() => {})])
    await client.refund(payment)
    expect((await given.provider.payments(attemptId)).map((kept) => kept.history)).toEqual([history])
  })
})
