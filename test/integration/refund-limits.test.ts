import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { readOversold } from "../../core/adapters/postgres/admin-orders.ts"
import { recordRequest } from "../../core/adapters/postgres/refunds.ts"
import { maxPlannedOrders } from "../../core/contracts/http/refunds.ts"
import { capturePayment } from "../../core/workflows/payments/capture-payment.ts"
import { findRefunds, maxPaymentsPerLook } from "../../core/workflows/payments/find-refunds.ts"
import { maxRefundsPerCall } from "../../core/workflows/payments/reconcile-refunds.ts"
import { givenCheckout } from "../sale/given-checkout.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
beforeAll(async () => {
  given = await givenCheckout()
})
afterAll(() => given.close())

test("more refunds than one call of the reconciler takes are all made, each once, by the calls after it", async () => {
  const count = maxRefundsPerCall + 1
  const sku = await given.sku({ total_stock: count })
  const holds = await given.reserve(sku, count)
  const orders = await Promise.all(holds.map(async (hold) => (await given.pay(hold)).body.order_id as string))
  for (const orderId of orders) await capturePayment(given.deps, orderId)
  for (const orderId of orders) {
    const asked = { orderId, reason: "a test", returnUnit: true, requestedBy: randomUUID(), requestHash: Buffer.from("hash") }
    expect(await recordRequest(given.transition, { ...asked, refundId: randomUUID() })).toMatchObject({ outcome: "recorded" })
  }
  expect((await given.reconcile()).refunded).toBe(0)
  await given.refundsAreDue()
  expect((await given.reconcile()).refunded).toBeLessThanOrEqual(maxRefundsPerCall)
  for (let calls = 0; calls < 10; calls += 1) await given.reconcile()
  const { rows } = await given.superuser.query("SELECT status, count(*)::int AS n FROM orders GROUP BY 1")
  expect(rows).toEqual([{ status: "REFUNDED", n: count }])
  for (const { history } of await given.provider.payments())
    expect(history.filter((event) => event === "refunded")).toHaveLength(1)
  expect(await given.inventory(sku.skuNo)).toMatchObject({ sold_count: 0, reserved_count: 0 })
  await given.expectInvariants()
  await given.expectMoneyToMatch()
})

test("refunds of more payments than one look takes are found by the next one", async () => {
  const count = maxPaymentsPerLook + 1
  const sku = await given.sku({ total_stock: count })
  const holds = await given.reserve(sku, count)
  const orders = await Promise.all(holds.map(async (hold) => (await given.pay(hold)).body.order_id as string))
  for (const orderId of orders) await capturePayment(given.deps, orderId)
  for (const { id, amount_captured, amount_refunded } of await given.provider.payments()) {
    if (amount_captured > amount_refunded) await given.provider.decide(id, "refund", { amount: String(amount_captured) })
  }
  expect([await findRefunds(given.deps), await findRefunds(given.deps)]).toEqual([maxPaymentsPerLook, 1])
  expect(await given.inventory(sku.skuNo)).toMatchObject({ sold_count: 0, reserved_count: 0 })
  await given.expectInvariants()
  await given.expectMoneyToMatch()
})

test("a plan against oversell has so many orders at most, and the newest ones first", async () => {
  const { skuId, skuNo } = await given.sku({ total_stock: 1 })
  await given.superuser.query("ALTER TABLE inventory DROP CONSTRAINT never_oversold")
  await given.superuser.query(
    `INSERT INTO orders (order_id, reservation_id, user_id, sku_no, sku_id, quantity, amount_minor, currency, status, attempt_id, created_at)
     SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), $1, $2, 1, 500, 'EUR', 'PAID', gen_random_uuid(),
            clock_timestamp() - n * interval '1 second' FROM generate_series(1, $3) n`,
    [skuNo, skuId, maxPlannedOrders + 2],
  )
  await given.superuser.query("UPDATE inventory SET sold_count = $2 WHERE sku_no = $1", [skuNo, maxPlannedOrders + 2])
  const plan = await readOversold(given.reader, skuId, maxPlannedOrders)
  expect(plan).toMatchObject({ total: 1, sold: maxPlannedOrders + 2, excess: maxPlannedOrders + 1 })
  expect(plan?.orders).toHaveLength(maxPlannedOrders)
  const moments = plan?.orders.map(({ createdAt }) => createdAt.getTime()) ?? []
  expect(moments).toEqual(moments.toSorted((a, b) => b - a))
  expect(plan?.orders.map(({ unitsBefore }) => unitsBefore)).toEqual([...Array(maxPlannedOrders).keys()])
})
