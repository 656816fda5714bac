import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { maxOrdersListed } from "../../core/adapters/postgres/orders.ts"
import { capturePayment } from "../../core/workflows/capture-payment.ts"
import { givenCheckout } from "../sale/given-checkout.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
beforeAll(async () => {
  given = await givenCheckout()
})
afterAll(() => given.close())

test("an order of another, or of nobody: 404, and no list shows it", async () => {
  const [hold] = await given.reserve(await given.sku({ total_stock: 1 }))
  if (hold === undefined) return
  const { body: order } = await given.pay(hold)
  const stranger = randomUUID()
  for (const [userId, orderId] of [
    [stranger, order.order_id],
    [hold.userId, randomUUID()],
  ]) {
    const answer = await given.order(userId, orderId)
    expect([answer.status, answer.body.type]).toEqual([404, "/problems/order-not-found"])
  }
  expect((await given.orders(stranger)).body).toEqual({ items: [] })
  await given.expectInvariants()
})

test("a list of orders is bounded and begins with the newest", async () => {
  const count = maxOrdersListed + 3
  const holds = await given.reserve(
    await given.sku({ total_stock: count, per_user_limit: 1_000, max_unpaid_holds: 1_000 }),
    count,
    {
      userId: randomUUID(),
    },
  )
  const orders = await Promise.all(holds.map(async (hold) => (await given.pay(hold)).body))
  const newest = orders
    .map(({ created_at }) => created_at)
    .sort()
    .reverse()
    .slice(0, maxOrdersListed)
  const { items } = (await given.orders(holds[0]?.userId ?? "")).body
  expect(items.map(({ created_at }: { created_at: string }) => created_at)).toEqual(newest)
  await given.expectInvariants()
  await given.expectMoneyToMatch()
})

test("an order says how far its payment is: to be captured, paid, refunded, and a refunded unit is on sale again", async () => {
  const sku = await given.sku({ total_stock: 1 })
  const [hold] = await given.reserve(sku)
  if (hold === undefined) return
  const { order_id: orderId } = (await given.pay(hold)).body
  const status = async () => (await given.order(hold.userId, orderId)).body.status
  expect(await status()).toBe("PENDING_CAPTURE")
  await capturePayment(given.deps, orderId)
  expect(await status()).toBe("PAID")
  await given.settle(sku.skuNo, { kind: "revoke", orderId, as: "refunded" })
  expect(await status()).toBe("REFUNDED")
  expect(await given.inventory(sku.skuNo)).toMatchObject({ reserved_count: 0, sold_count: 0 })
  await given.expectInvariants()
})
