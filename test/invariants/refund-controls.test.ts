import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import { recordRequest } from "../../core/adapters/postgres/refunds.ts"
import { decide } from "../../core/domain/decide.ts"
import type { RefundFacts } from "../../core/domain/sale.ts"
import { capturePayment } from "../../core/workflows/payments/capture-payment.ts"
import { givenCheckout } from "../sale/given-checkout.ts"
import { withState } from "./control.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
beforeAll(async () => {
  given = await givenCheckout()
})
afterAll(() => given.close())

/** A refunded order and the violations of the refund invariants after a mistake; the mistake is repaired afterwards. */
async function violationsAfter(mistake: (orderId: string) => Promise<unknown>, asked: object = {}): Promise<string[]> {
  const sku = await given.sku({ total_stock: 1, price_minor: 500 })
  const [hold] = await given.reserve(sku)
  if (hold === undefined) throw new Error("Nothing was reserved")
  const orderId = (await given.pay(hold, { key: randomUUID() })).body.order_id as string
  await capturePayment(given.deps, orderId)
  expect((await given.refund(orderId, asked)).status).toBe(200)
  const before = await checkInvariants(given.reader)
  expect(before.checks.filter(({ ok, name }) => !ok && name === "refunds")).toEqual([])
  const keep = await given.superuser.query("SELECT * FROM orders WHERE order_id = $1", [orderId])
  await mistake(orderId)
  const { checks } = await checkInvariants(given.reader)
  const [row] = keep.rows
  await given.superuser.query("UPDATE orders SET status = $2, refunded_minor = $3, units_kept = $4 WHERE order_id = $1", [
    orderId,
    row.status,
    row.refunded_minor,
    row.units_kept,
  ])
  return checks.filter(({ ok }) => !ok).flatMap(({ name, violations }) => violations.map((violation) => `${name}: ${violation}`))
}
const sql = (text: string) => (orderId: string) => given.superuser.query(text, [orderId])

describe("the check of refunds finds", () => {
  test.each<[string, string, object, RegExp]>([
    [
      "money that no refund returned",
      "UPDATE orders SET refunded_minor = 500 WHERE order_id = $1",
      { amount_minor: 200 },
      /^refunds: .*shows 500 as refunded/m,
    ],
    [
      "all money back and an order that is still PAID",
      "UPDATE orders SET status = 'PAID' WHERE order_id = $1",
      {},
      /^refunds: .*is PAID, and 500 of its 500 went back/m,
    ],
    [
      "units that were kept although nobody asked for it",
      "UPDATE orders SET units_kept = true WHERE order_id = $1",
      {},
      /^refunds: .*kept, which is not what its refund asked for/m,
    ],
    [
      "units that went back although they were to be kept",
      "UPDATE orders SET units_kept = false WHERE order_id = $1",
      { return_unit: false },
      /^refunds: .*returned, which is not what/m,
    ],
    [
      "a refund whose row says that it failed",
      "UPDATE refunds SET state = 'FAILED' WHERE order_id = $1",
      { amount_minor: 100 },
      /^refunds: .*shows 100 as refunded, its refunds are 0/m,
    ],
    [
      "a refund of another currency",
      "UPDATE refunds SET currency = 'USD' WHERE order_id = $1",
      { amount_minor: 100 },
      /^refunds: refund .* is not of the payment/m,
    ],
  ])("%s", async (_, text, asked, expected) => {
    expect((await violationsAfter(sql(text), asked)).join("\n")).toMatch(expected)
    await given.superuser.query(
      "UPDATE refunds SET state = 'SUCCEEDED', currency = 'EUR' WHERE state <> 'SUCCEEDED' OR currency <> 'EUR'",
    )
  })

  test("units that went back twice", async () => {
    const found = await violationsAfter(async (orderId) => {
      const { rows } = await given.superuser.query("SELECT sku_no, reservation_id FROM orders WHERE order_id = $1", [orderId])
      await given.superuser.query(
        `SELECT append_ledger(i.sku_no, i.seq + 1, 'refunded', clock_timestamp(), NULL, NULL, 0, 0, 0, 0, NULL, '{}', ARRAY[$2::uuid], 0)
           FROM inventory i WHERE i.sku_no = $1`,
        [rows[0].sku_no, rows[0].reservation_id],
      )
    })
    expect(found.join("\n")).toMatch(/^refunds: the units of order .* went back 2 times/m)
    expect(found.join("\n")).toMatch(/^order-payments: .*paid>refunded>refunded/m)
  })

  test("nothing more than the payment: the database itself refuses it", async () => {
    await expect(given.superuser.query("UPDATE orders SET refunded_minor = amount_minor + 1")).rejects.toThrow(
      "refunded_within_payment",
    )
  })
})

/** An order that is paid, and a refund of a part of it or of all. */
async function paidOrder() {
  const sku = await given.sku({ total_stock: 1, price_minor: 500 })
  const [hold] = await given.reserve(sku)
  if (hold === undefined) throw new Error("Nothing was reserved")
  const orderId = (await given.pay(hold)).body.order_id as string
  await capturePayment(given.deps, orderId)
  return { skuNo: sku.skuNo, orderId }
}
const refundViolations = async () =>
  (await checkInvariants(given.reader)).checks.find(({ name }) => name === "refunds")?.violations.join("\n")

describe("a wrong variant of the decision is caught", () => {
  const withRefund = (change: Partial<RefundFacts>) =>
    withState((state) => ({ ...state, ...(state.refund && { refund: { ...state.refund, ...change } }) }))

  test("it counts a refund again that succeeded before: the database refuses the transaction", async () => {
    const { skuNo, orderId } = await paidOrder()
    const { body } = await given.refund(orderId, { amount_minor: 100 })
    const again = { kind: "refund", orderId, refundId: body.refund_id, as: "succeeded" } as const
    expect(await given.parts().applyCommand(skuNo, again)).toMatchObject({ refused: "not-refundable" })
    const { applyCommand } = given.parts({ decide: withRefund({ state: "REQUESTED" }) })
    await expect(applyCommand(skuNo, again)).rejects.toMatchObject({ code: "FS004" })
  })

  test("it returns a unit that was to be kept: the check of refunds names the order", async () => {
    const { skuNo, orderId } = await paidOrder()
    const refundId = randomUUID()
    const asked = {
      refundId,
      orderId,
      reason: "a test",
      returnUnit: false,
      requestedBy: randomUUID(),
      requestHash: Buffer.from("hash"),
    }
    await recordRequest(given.transition, asked)
    const { applyCommand } = given.parts({ decide: withRefund({ returnUnit: true }) })
    await applyCommand(skuNo, { kind: "refund", orderId, refundId, as: "succeeded" })
    expect(await refundViolations()).toContain(`order ${orderId} is refunded and its units are returned`)
  })

  test("it refunds more than the payment: the database refuses the transaction", async () => {
    const { skuNo, orderId } = await paidOrder()
    const { body } = await given.refund(orderId, { amount_minor: 100 })
    await given.superuser.query("UPDATE refunds SET state = 'PENDING' WHERE refund_id = $1", [body.refund_id])
    const { applyCommand } = given.parts({
      decide: (...args) => {
        const allocation = decide(...args)
        return allocation.refund ? { ...allocation, refund: { ...allocation.refund, refundedMinor: 501 } } : allocation
      },
    })
    const settled = applyCommand(skuNo, { kind: "refund", orderId, refundId: body.refund_id, as: "succeeded" })
    await expect(settled).rejects.toMatchObject({ code: "23514", constraint: "refunded_within_payment" })
    await given.superuser.query("UPDATE refunds SET state = 'SUCCEEDED' WHERE refund_id = $1", [body.refund_id])
  })
})
