import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { capturePayment } from "../../core/workflows/payments/capture-payment.ts"
import { findRefunds } from "../../core/workflows/payments/find-refunds.ts"
import { syncRefunds } from "../../core/workflows/payments/sync-refunds.ts"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { sharedCheckout } from "../sale/shared-checkout.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
sharedCheckout(givenCheckout, (sale) => {
  given = sale
})

const price = 500

/** A sold unit, a shopper who waits for it, and the payment. */
async function sold({ isCaptured = true, method = "pm_card_visa" } = {}) {
  const sku = await given.sku({ total_stock: 1, waitlist_limit: 5, price_minor: price })
  const [hold] = await given.reserve(sku)
  if (hold === undefined) throw new Error("Nothing was reserved")
  const [waiter] = await given.reserve(sku, 1, { joinWaitlist: true })
  const key = randomUUID()
  const orderId = (await given.pay(hold, { method, key })).body.order_id as string
  if (isCaptured) await capturePayment(given.deps, orderId)
  const attemptId = attemptIdOf(hold.id, key)
  const [payment] = await given.provider.payments(attemptId)
  const ref = payment?.id ?? ""
  const decide = (act: string, more?: Record<string, string>) => given.provider.decide(ref, act, more)
  const order = async () => (await given.order(hold.userId, orderId)).body
  const waiterStatus = async () => (await given.status(waiter as Hold)).body.status
  /** The provider's refunds of the payment, the newest first. */
  const refundRefs = async () => (await given.provider.client.refundsOf(ref)).map((refund) => refund.ref)
  return { sku, orderId, attemptId, ref, decide, order, waiterStatus, refundRefs }
}

/** An event as the provider signs it. What it says of the refund counts for nothing. */
const eventOf = (type: string, ref: string) => ({
  id: `evt_${randomUUID()}`,
  object: "event",
  type,
  data: { object: { id: "any", object: "any", payment_intent: ref, amount: 1, status: "succeeded" } },
})
const acknowledged = { status: 200, body: { received: true } }
const tell = async (type: string, ref: string) => expect(await given.webhook(eventOf(type, ref))).toMatchObject(acknowledged)

describe("a refund that was made at the provider", () => {
  test("of all money: the order is REFUNDED, and the unit goes to the first waiter", async () => {
    const it = await sold()
    expect(await it.decide("refund", { amount: String(price) })).toBe(200)
    await tell("charge.refunded", it.ref)
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: price, refund_status: "SUCCEEDED" })
    expect(await it.waiterStatus()).toBe("RESERVED")
    expect(await given.refunds(it.orderId)).toMatchObject([{ state: "SUCCEEDED", origin: "provider" }])
  })

  test("of a part, then of the rest: the order stays PAID, and then it is REFUNDED", async () => {
    const it = await sold()
    await it.decide("refund", { amount: "200" })
    await tell("refund.created", it.ref)
    expect(await it.order()).toMatchObject({ status: "PAID", refunded_minor: 200 })
    await it.decide("refund", { amount: "300" })
    await tell("charge.refunded", it.ref)
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: price })
  })

  test("reported twice, at once, and in any order: counts once", async () => {
    const it = await sold()
    await it.decide("refund", { amount: "200" })
    await it.decide("refund", { amount: "300" })
    const types = [
      "refund.failed",
      "refund.updated",
      "charge.refunded",
      "refund.created",
      "charge.refunded",
      "charge.refund.updated",
    ]
    await Promise.all(types.map((type) => tell(type, it.ref)))
    for (const type of types) await tell(type, it.ref)
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: price })
    expect(await given.refunds(it.orderId)).toHaveLength(2)
    expect(await it.waiterStatus()).toBe("RESERVED")
  })

  test("before the capture's own answer: the order is paid first, and refunded then", async () => {
    const it = await sold({ isCaptured: false })
    await given.provider.client.capture({ attemptId: it.attemptId, ref: it.ref })
    await it.decide("refund", { amount: String(price) })
    await tell("charge.refunded", it.ref)
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: price })
    expect(await capturePayment(given.deps, it.orderId)).toBe("settled")
  })

  test("while the provider's API does not show it: a call that says so changes nothing", async () => {
    const it = await sold()
    for (const type of ["charge.refunded", "charge.dispute.closed"]) await tell(type, it.ref)
    expect(await it.order()).toMatchObject({ status: "PAID" })
    expect(await given.refunds(it.orderId)).toEqual([])
  })

  test("while an operator asks for the same money: it goes back once", async () => {
    const it = await sold()
    const key = randomUUID()
    const [, , answer] = await Promise.all([
      it.decide("refund", { amount: String(price) }),
      tell("charge.refunded", it.ref),
      given.refund(it.orderId, {}, { key }),
    ])
    await tell("charge.refunded", it.ref)
    expect([200, 409]).toContain(answer.status)
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: price })
  })

  test("that we asked for is no second refund", async () => {
    const it = await sold()
    await given.refund(it.orderId, { amount_minor: 100 })
    await tell("charge.refunded", it.ref)
    expect(await given.refunds(it.orderId)).toMatchObject([{ origin: "operator", state: "SUCCEEDED" }])
  })

  test("of a payment that is not ours, or has no order, is accepted and changes nothing", async () => {
    await tell("charge.refunded", "pi_unknown")
    const { client } = given.provider
    const attemptId = randomUUID()
    const ours = { attemptId, reservationId: randomUUID(), amountMinor: price, currency: "EUR", paymentMethod: "pm_card_visa" }
    const made = await client.authorise(ours)
    if (made.kind !== "made") throw new Error(made.kind)
    await client.capture({ attemptId, ref: made.payment.ref })
    await client.refund({ attemptId, ref: made.payment.ref })
    expect(await syncRefunds(given.deps, made.payment.ref)).toBe("nothing")
  })

  test("is found by the sweeper when its webhook was lost", async () => {
    const [it, other] = [await sold(), await sold()]
    await it.decide("refund", { amount: String(price) })
    await other.decide("dispute")
    expect(await findRefunds(given.deps)).toBe(2)
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: price })
    expect(await given.refunds(other.orderId)).toMatchObject([{ origin: "dispute", state: "PENDING" }])
    expect(await findRefunds(given.deps)).toBe(0)
    expect(await findRefunds({ ...given.deps, provider: given.provider.unreachable })).toBe(0)
  })

  test("while the provider does not answer: the call is refused, and repeated by the provider", async () => {
    const it = await sold()
    await expect(syncRefunds({ ...given.deps, provider: given.provider.unreachable }, it.ref)).rejects.toThrow(
      "no definite answer",
    )
    expect(await it.order()).toMatchObject({ status: "PAID" })
  })
})

describe("a refund that fails later", () => {
  test("leaves the order REFUNDED and the unit with the waiter, and says that no money went back; another refund repairs it", async () => {
    const it = await sold({ method: "pm_card_refundFail" })
    await given.refund(it.orderId)
    const [refund = ""] = await it.refundRefs()
    await it.decide("fail", { refund })
    await Promise.all([tell("refund.failed", it.ref), tell("refund.updated", it.ref)])
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: 0, refund_status: "FAILED" })
    expect(await it.waiterStatus()).toBe("RESERVED")
    const before = await given.inventory(it.sku.skuNo)
    expect((await given.refund(it.orderId)).body).toMatchObject({
      status: "SUCCEEDED",
      order_status: "REFUNDED",
      refunded_minor: price,
    })
    const after = await given.inventory(it.sku.skuNo)
    expect([after.sold_count, after.reserved_count]).toEqual([before.sold_count, before.reserved_count])
    expect(await it.order()).toMatchObject({ refunded_minor: price, refund_status: "SUCCEEDED" })
  })

  test("and was partial: the order is PAID, as it was before", async () => {
    const it = await sold()
    await given.refund(it.orderId, { amount_minor: 200 })
    const [refund = ""] = await it.refundRefs()
    await it.decide("fail", { refund })
    await tell("refund.failed", it.ref)
    expect(await it.order()).toMatchObject({ status: "PAID", refunded_minor: 0, refund_status: "FAILED" })
  })

  test("before the shop knew of it: nothing moves", async () => {
    const it = await sold()
    await it.decide("refund", { amount: String(price) })
    const [refund = ""] = await it.refundRefs()
    await it.decide("fail", { refund })
    await tell("charge.refunded", it.ref)
    expect(await it.order()).toMatchObject({ status: "PAID" })
    expect(await it.waiterStatus()).toBe("WAITLISTED")
  })
})

describe("a dispute", () => {
  test("that is open keeps the order PAID and refuses refunds; one that is lost refunds the order and returns the unit", async () => {
    const it = await sold()
    await it.decide("dispute")
    await tell("charge.dispute.created", it.ref)
    const open = await it.order()
    expect([open.status, open.refunded_minor, open.refund_status]).toEqual(["PAID", undefined, undefined])
    expect((await given.refund(it.orderId)).body.type).toBe("/problems/refund-in-progress")
    await it.decide("lose")
    await tell("charge.dispute.closed", it.ref)
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: price })
    expect(await it.waiterStatus()).toBe("RESERVED")
    expect(await given.refunds(it.orderId)).toMatchObject([{ origin: "dispute", state: "SUCCEEDED" }])
  })

  test("that the shop wins changes nothing, and the order can be refunded again", async () => {
    const it = await sold()
    await it.decide("dispute")
    await tell("charge.dispute.created", it.ref)
    await it.decide("win")
    await given.refundsAreDue()
    await given.reconcile()
    expect(await it.order()).toMatchObject({ status: "PAID" })
    expect((await given.refund(it.orderId)).status).toBe(200)
  })

  test("about the whole payment, of which a part was refunded before: the order counts what was left", async () => {
    const it = await sold()
    await given.refund(it.orderId, { amount_minor: 200 })
    await it.decide("dispute")
    await it.decide("lose")
    await tell("charge.dispute.closed", it.ref)
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: price })
    expect(await given.refunds(it.orderId)).toMatchObject([{ amount_minor: 200 }, { origin: "dispute", amount_minor: 300 }])
    expect(await it.waiterStatus()).toBe("RESERVED")
  })

  test("about money that was refunded before: the order counts no more than its payment", async () => {
    const it = await sold()
    await given.refund(it.orderId)
    await it.decide("dispute")
    await it.decide("lose")
    await tell("charge.dispute.closed", it.ref)
    expect(await it.order()).toMatchObject({ status: "REFUNDED", refunded_minor: price })
    expect(await given.refunds(it.orderId)).toMatchObject([{ state: "SUCCEEDED" }, { origin: "dispute", state: "FAILED" }])
  })
})
