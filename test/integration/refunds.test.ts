import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import { PaymentOutcomeUnknown } from "../../core/adapters/payment/provider.ts"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { capturePayment } from "../../core/workflows/payments/capture-payment.ts"
import { refundOrder } from "../../core/workflows/payments/refund-order.ts"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { sharedCheckout } from "../sale/shared-checkout.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
sharedCheckout(givenCheckout, (sale) => {
  given = sale
})

const price = 500

/** What an operator's function has: its role may record a request. */
const operatorsDeps = () => ({ ...given.deps, pool: given.transition })

/** A SKU whose only unit is sold and paid, and a shopper who waits for it. */
async function paid({
  method = "pm_card_visa",
  waiters = 1,
  ...definition
}: Partial<Parameters<typeof given.sku>[0]> & { method?: string; waiters?: number } = {}) {
  const sku = await given.sku({ total_stock: 1, waitlist_limit: 5, price_minor: price, ...definition })
  const [hold] = await given.reserve(sku)
  if (hold === undefined) throw new Error("Nothing was reserved")
  const waiting = await given.reserve(sku, waiters, { joinWaitlist: true })
  const key = randomUUID()
  const { body: order } = await given.pay(hold, { method, key })
  const orderId = order.order_id as string
  await capturePayment(given.deps, orderId)
  const [payment] = await given.provider.payments(attemptIdOf(hold.id, key))
  return { sku, hold, orderId, waiting, paymentRef: payment?.id ?? "" }
}
const orderOf = async (hold: Hold, orderId: string) => (await given.order(hold.userId, orderId)).body
const statusOf = async (hold: Hold | undefined) => (hold ? (await given.status(hold)).body.status : undefined)
const problemOf = ({ status, body }: { status: number | undefined; body: { type?: string } }) => [
  status,
  body.type?.replace("/problems/", ""),
]
const kindsOf = async (skuNo: number) => {
  const { rows } = await given.superuser.query<{ kind: string; at: Date }>(
    "SELECT kind, at FROM ledger WHERE sku_no = $1 ORDER BY seq",
    [skuNo],
  )
  return rows
}

describe("an operator refunds a paid order", () => {
  test("all of it: the order is REFUNDED, and the unit goes to the first waiter in the same transition", async () => {
    const { sku, hold, orderId, waiting } = await paid({ waiters: 2 })
    const { status, body } = await given.refund(orderId, { reason: "The shopper returned it" })
    expect([status, body]).toMatchObject([
      200,
      {
        order_id: orderId,
        amount_minor: price,
        status: "SUCCEEDED",
        origin: "operator",
        order_status: "REFUNDED",
        refunded_minor: price,
      },
    ])
    expect(await orderOf(hold, orderId)).toMatchObject({
      status: "REFUNDED",
      refunded_minor: price,
      refunded_at: expect.stringMatching(/Z$/),
      refund_status: "SUCCEEDED",
    })
    const [refunded, promoted] = (await kindsOf(sku.skuNo)).slice(-2)
    expect([refunded?.kind, promoted?.kind]).toEqual(["refunded", "promoted"])
    expect(refunded?.at).toEqual(promoted?.at)
    expect([await statusOf(waiting[0]), await statusOf(waiting[1])]).toEqual(["RESERVED", "WAITLISTED"])
    expect(await statusOf(hold)).toBe("CONFIRMED")
  })

  test("a part: the order stays PAID and shows the part, the unit stays sold; the rest completes the refund", async () => {
    const { sku, hold, orderId, waiting } = await paid()
    expect((await given.refund(orderId, { amount_minor: 200 })).body).toMatchObject({ order_status: "PAID", refunded_minor: 200 })
    expect(await orderOf(hold, orderId)).toMatchObject({ status: "PAID", refunded_minor: 200 })
    expect(await given.inventory(sku.skuNo)).toMatchObject({ sold_count: 1, reserved_count: 0 })
    expect(await statusOf(waiting[0])).toBe("WAITLISTED")
    expect((await given.refund(orderId)).body).toMatchObject({
      amount_minor: 300,
      order_status: "REFUNDED",
      refunded_minor: price,
    })
    expect(await statusOf(waiting[0])).toBe("RESERVED")
  })

  test("and keeps the unit: it stays sold, and nobody is promoted", async () => {
    const { sku, hold, orderId, waiting } = await paid()
    expect((await given.refund(orderId, { return_unit: false })).body).toMatchObject({
      order_status: "REFUNDED",
      return_unit: false,
    })
    expect(await orderOf(hold, orderId)).toMatchObject({ status: "REFUNDED", refunded_minor: price })
    expect(await given.inventory(sku.skuNo)).toMatchObject({ sold_count: 1, reserved_count: 0 })
    expect(await statusOf(waiting[0])).toBe("WAITLISTED")
  })

  test("of a sale that is closed: the unit counts as not sold, and nobody can get it", async () => {
    const { sku, orderId, waiting } = await paid()
    await given.applyCommand(sku.skuNo, { kind: "close", skuNo: sku.skuNo })
    expect((await given.refund(orderId)).body).toMatchObject({ order_status: "REFUNDED" })
    expect(await given.inventory(sku.skuNo)).toMatchObject({ sold_count: 0, reserved_count: 0, status: "closed" })
    expect(await statusOf(waiting[0])).toBe("LAPSED")
  })

  test("of a sale that is halted, as well", async () => {
    const { sku, orderId } = await paid()
    await given.applyCommand(sku.skuNo, { kind: "halt", skuNo: sku.skuNo, freeze: true })
    expect((await given.refund(orderId)).status).toBe(200)
    await given.applyCommand(sku.skuNo, { kind: "resume", skuNo: sku.skuNo })
  })

  test("an order without a refund shows nothing about refunds", async () => {
    const { hold, orderId } = await paid()
    const order = await orderOf(hold, orderId)
    expect(Object.keys(order).filter((name) => name.startsWith("refund"))).toEqual([])
    expect((await given.orders(hold.userId)).body.items).toEqual([order])
  })
})

describe("a wrong request for a refund is answered with its problem, and changes nothing", () => {
  test("an unknown order, an id that is none, a shopper without the scope, no key", async () => {
    const { orderId } = await paid()
    expect(problemOf(await given.refund(randomUUID()))).toEqual([404, "order-not-found"])
    expect(problemOf(await given.refund("nonsense"))).toEqual([404, "not-found"])
    expect(problemOf(await given.refund(orderId, {}, { scope: "" }))).toEqual([403, "insufficient-scope"])
    expect(problemOf(await given.refund(orderId, {}, { key: "" }))).toEqual([400, "idempotency-key-required"])
  })

  test.each<[string, object, string]>([
    ["amount 0", { amount_minor: 0 }, "amount_minor"],
    ["a negative amount", { amount_minor: -1 }, "amount_minor"],
    ["half a cent", { amount_minor: 1.5 }, "amount_minor"],
    ["an amount as text", { amount_minor: "100" }, "amount_minor"],
    ["an enormous amount", { amount_minor: 1e308 }, "amount_minor"],
    ["no reason", { reason: undefined }, "reason"],
    ["an empty reason", { reason: "" }, "reason"],
    ["a reason with a control character", { reason: "a\u0000b" }, "reason"],
    ["a unit that is not true or false", { return_unit: "yes" }, "return_unit"],
    ["an unknown field", { currency: "EUR" }, "currency"],
  ])("%s", async (_, asked, field) => {
    const { orderId } = await paid({ waiters: 0 })
    const answer = await given.refund(orderId, asked)
    expect(problemOf(answer)).toEqual([422, "validation-failed"])
    expect(answer.body.errors).toMatchObject([{ field }])
    expect(await given.refunds(orderId)).toEqual([])
  })

  test("an order whose money is not captured yet, and one whose payment failed", async () => {
    const sku = await given.sku({ total_stock: 2 })
    const holds = await given.reserve(sku, 2)
    const [pending, failing] = await Promise.all(
      holds.map(
        async (hold, index) =>
          (await given.pay(hold, { method: index === 0 ? "pm_card_visa" : "sim_capture_fails" })).body.order_id as string,
      ),
    )
    await capturePayment(given.deps, failing ?? "")
    for (const orderId of [pending, failing])
      expect(problemOf(await given.refund(orderId ?? ""))).toEqual([409, "order-not-paid"])
    await capturePayment(given.deps, pending ?? "")
  })

  test("more than the payment, and more than what is left of it", async () => {
    const { orderId } = await paid()
    expect(problemOf(await given.refund(orderId, { amount_minor: price + 1 }))).toEqual([409, "refund-too-large"])
    await given.refund(orderId, { amount_minor: 200 })
    expect(problemOf(await given.refund(orderId, { amount_minor: 301 }))).toEqual([409, "refund-too-large"])
    expect(await given.refunds(orderId)).toHaveLength(1)
  })

  test("an order that is refunded: the same key and body get the same answer, another key is refused", async () => {
    const { orderId, paymentRef } = await paid()
    const key = randomUUID()
    const first = await given.refund(orderId, {}, { key })
    expect(await given.refund(orderId, {}, { key })).toMatchObject({ status: 200, body: first.body })
    expect(problemOf(await given.refund(orderId))).toEqual([409, "order-already-refunded"])
    for (const other of [{ amount_minor: price }, { reason: "Another" }, { return_unit: false }]) {
      expect(problemOf(await given.refund(orderId, other, { key }))).toEqual([422, "idempotency-key-reused"])
    }
    const restocked = randomUUID()
    const { sku, orderId: restockedOrder } = await paid()
    expect((await given.restock(sku.skuId, 1, restocked)).status).toBe(200)
    expect(problemOf(await given.refund(restockedOrder, {}, { key: restocked }))).toEqual([422, "idempotency-key-reused"])
    expect(problemOf(await given.restock(sku.skuId, 1, key))).toEqual([422, "idempotency-key-reused"])
    const { orderId: another } = await paid()
    expect(problemOf(await given.refund(another, {}, { key }))).toEqual([422, "idempotency-key-reused"])
    expect(await refundEvents(paymentRef)).toEqual(["refunded"])
  })
})

const refundEvents = async (paymentRef: string) => {
  const payments = await given.provider.payments()
  return payments.find(({ id }) => id === paymentRef)?.history.filter((event) => event.startsWith("refund"))
}
/** The reconciler, when every refund is due. */
async function reconcile(planted: Parameters<typeof given.reconcile>[0] = {}) {
  await given.refundsAreDue()
  return given.reconcile(planted)
}

describe("the money goes back once, and the unit only after it", () => {
  test("requests with one key at once, and with two keys at once", async () => {
    const { orderId, paymentRef } = await paid()
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 6 }, () => given.refund(orderId, {}, { key })))
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true)
    expect((await given.refund(orderId, {}, { key })).body).toMatchObject({ status: "SUCCEEDED", order_status: "REFUNDED" })
    expect(await refundEvents(paymentRef)).toEqual(["refunded"])

    const other = await paid()
    const both = await Promise.all([given.refund(other.orderId), given.refund(other.orderId)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(await refundEvents(other.paymentRef)).toEqual(["refunded"])
  })

  test("a reply that is lost: outcome-unknown, and the same key finds the refund that was made", async () => {
    const { sku, orderId, paymentRef, waiting } = await paid({ method: "sim_refund_lost_reply" })
    const key = randomUUID()
    const answer = await given.refund(orderId, {}, { key })
    expect(problemOf(answer)).toEqual([503, "outcome-unknown"])
    expect(await given.refunds(orderId)).toMatchObject([{ state: "UNKNOWN" }])
    expect(await given.inventory(sku.skuNo)).toMatchObject({ sold_count: 1 })
    expect(await statusOf(waiting[0])).toBe("WAITLISTED")
    expect((await given.refund(orderId, {}, { key })).body).toMatchObject({ status: "SUCCEEDED" })
    expect(await refundEvents(paymentRef)).toEqual(["refunded"])
    expect(await statusOf(waiting[0])).toBe("RESERVED")
  })

  test("a reply that is lost, and a provider that has forgotten the key: its refunds are read before it is asked again", async () => {
    const { hold, orderId } = await paid({ method: "sim_refund_lost_reply" })
    expect(problemOf(await given.refund(orderId))).toEqual([503, "outcome-unknown"])
    const { client } = given.provider
    await reconcile({ provider: { ...client, requestRefund: () => Promise.reject(new Error("It was asked a second time")) } })
    expect(await orderOf(hold, orderId)).toMatchObject({ status: "REFUNDED", refunded_minor: price })
  })

  test.each([
    ["before it was made", "sim_refund_error"],
    ["after it was made", "sim_refund_error_paid"],
  ])("a failure that the provider recorded %s: the reconciler finishes it, once", async (_, method) => {
    const { hold, orderId, paymentRef } = await paid({ method })
    await given.refund(orderId)
    await reconcile()
    expect(await orderOf(hold, orderId)).toMatchObject({ status: "REFUNDED", refunded_minor: price })
    expect(await refundEvents(paymentRef)).toEqual(["refunded"])
  })

  test("a provider that does not answer, and one that is down: the order stays as it is, and another key has to wait", async () => {
    const { hold, orderId, waiting } = await paid({ method: "sim_refund_timeout" })
    expect(problemOf(await given.refund(orderId))).toEqual([503, "outcome-unknown"])
    await reconcile({ provider: given.provider.unreachable })
    expect(await orderOf(hold, orderId)).toMatchObject({ status: "PAID", refunded_minor: 0, refund_status: "PENDING" })
    expect(await statusOf(waiting[0])).toBe("WAITLISTED")
    expect(problemOf(await given.refund(orderId))).toEqual([409, "refund-in-progress"])
    await given.superuser.query("DELETE FROM refunds WHERE order_id = $1", [orderId])
  })

  test("a refund that the provider has not finished: nothing moves until it has", async () => {
    const { hold, orderId, paymentRef, waiting } = await paid({ method: "pm_card_pendingRefund" })
    const key = randomUUID()
    expect((await given.refund(orderId, {}, { key })).body).toMatchObject({ status: "PENDING", order_status: "PAID" })
    await reconcile()
    expect(await orderOf(hold, orderId)).toMatchObject({ status: "PAID", refund_status: "PENDING" })
    expect(await statusOf(waiting[0])).toBe("WAITLISTED")
    const [{ provider_ref: refund = "" } = {}] = await given.refunds(orderId)
    await given.provider.decide(paymentRef, "succeed", { refund })
    await reconcile()
    expect(await orderOf(hold, orderId)).toMatchObject({ status: "REFUNDED", refund_status: "SUCCEEDED" })
    expect(await statusOf(waiting[0])).toBe("RESERVED")
    expect((await given.refund(orderId, {}, { key })).body).toMatchObject({ status: "SUCCEEDED" })
  })

  test("a refund that fails at the provider: the order and the unit stay, the caller reads why, and another key can try again", async () => {
    const { hold, orderId, sku } = await paid({ method: "sim_refund_fails" })
    const key = randomUUID()
    for (const times of [1, 2]) {
      const answer = await given.refund(orderId, {}, { key })
      expect([times, ...problemOf(answer)]).toEqual([times, 409, "refund-refused"])
      expect(answer.body.detail).toContain("expired_or_canceled_card")
    }
    expect(await orderOf(hold, orderId)).toMatchObject({ status: "PAID", refunded_minor: 0, refund_status: "FAILED" })
    expect(await given.inventory(sku.skuNo)).toMatchObject({ sold_count: 1 })
    expect(problemOf(await given.refund(orderId))).toEqual([409, "refund-refused"])
  })

  test("a refund of a payment that the provider refuses to refund, because it is disputed", async () => {
    const { hold, orderId, paymentRef } = await paid()
    await given.provider.decide(paymentRef, "dispute")
    expect(problemOf(await given.refund(orderId))).toEqual([409, "refund-refused"])
    expect(await orderOf(hold, orderId)).toMatchObject({ status: "PAID", refund_status: "FAILED" })
  })
})

describe("a process that dies between two steps of a refund leaves one that the reconciler finishes", () => {
  test.each(["recorded", "answered", "settled"] as const)("after it was %s", async (point) => {
    const { hold, orderId, paymentRef, waiting } = await paid()
    const dies = {
      ...operatorsDeps(),
      reach: (reached: string) => (reached === point ? Promise.reject(new Error("The process died")) : undefined),
    }
    const asked = { orderId, reason: "a test", returnUnit: true }
    const key = { owner: randomUUID(), key: randomUUID() }
    await expect(refundOrder(dies, asked, key)).rejects.toThrow("The process died")
    expect((await orderOf(hold, orderId)).status).toBe(point === "settled" ? "REFUNDED" : "PAID")
    expect(await statusOf(waiting[0])).toBe(point === "settled" ? "RESERVED" : "WAITLISTED")
    await reconcile()
    expect((await orderOf(hold, orderId)).status).toBe("REFUNDED")
    expect(await statusOf(waiting[0])).toBe("RESERVED")
    expect(await refundEvents(paymentRef)).toEqual(["refunded"])
    expect(await refundOrder(operatorsDeps(), asked, key)).toMatchObject({ state: "SUCCEEDED" })
  })

  test("also when many refunds get no answer: they do not keep another from its turn", async () => {
    const { hold, orderId } = await paid({ waiters: 0 })
    const failing = await paid({ waiters: 0 })
    const { client } = given.provider
    const provider = {
      ...client,
      requestRefund: () => Promise.reject(new PaymentOutcomeUnknown("refund", "planted")),
      refundsOf: (ref: string) =>
        ref === failing.paymentRef ? Promise.reject(new PaymentOutcomeUnknown("list refunds", "planted")) : client.refundsOf(ref),
    }
    const ask = (id: string) =>
      refundOrder(
        { ...operatorsDeps(), provider },
        { orderId: id, reason: "a test", returnUnit: true },
        { owner: randomUUID(), key: randomUUID() },
      )
    for (const id of [failing.orderId, orderId]) await expect(ask(id)).rejects.toThrow("no definite answer")
    for (let tries = 0; tries < 3; tries += 1) await reconcile({ provider: { ...client, refundsOf: provider.refundsOf } })
    expect((await orderOf(hold, orderId)).status).toBe("REFUNDED")
    expect((await orderOf(failing.hold, failing.orderId)).status).toBe("PAID")
    await reconcile()
    expect((await orderOf(failing.hold, failing.orderId)).status).toBe("REFUNDED")
  })
})
