import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { defaultPageEntries, orderCursor } from "../../core/contracts/http/pages.ts"
import { capturePayment } from "../../core/workflows/payments/capture-payment.ts"
import { givenCheckout } from "../sale/given-checkout.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
beforeAll(async () => {
  given = await givenCheckout()
})
afterAll(() => given.close())

test("an order of another shopper, or that does not exist: 404, and no list shows it", async () => {
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
  expect((await given.orders(stranger)).body).toEqual({ items: [], next: null })
  await given.expectInvariants()
})

test("a page of orders is bounded and begins with the newest, and the pages hold every order once", async () => {
  const count = defaultPageEntries + 3
  const sku = await given.sku({ total_stock: count, per_user_limit: 1_000, max_unpaid_holds: 1_000 })
  const holds = await given.reserve(sku, count, { userId: randomUUID() })
  const userId = holds[0]?.userId ?? ""
  const paid = await Promise.all(holds.map(async (hold) => (await given.pay(hold)).body))
  // Some orders have the same moment, so the moment alone does not define where a page ends.
  await given.superuser.query(
    "UPDATE orders SET created_at = (SELECT max(created_at) FROM orders) WHERE order_id = ANY($1::uuid[])",
    [paid.slice(0, 40).map(({ order_id }) => order_id)],
  )
  const first = (await given.orders(userId)).body
  expect(first.items).toHaveLength(defaultPageEntries)
  const moments = first.items.map(({ created_at }: { created_at: string }) => created_at)
  expect(moments).toEqual(moments.toSorted().reverse())

  const walked: string[] = []
  for (let cursor = ""; ; ) {
    const { items, next } = (await given.orders(userId, `limit=7${cursor}`)).body
    walked.push(...items.map(({ order_id }: { order_id: string }) => order_id))
    expect(items.length).toBeLessThanOrEqual(7)
    if (next === null) break
    cursor = `&cursor=${next}`
  }
  expect(walked).toHaveLength(count)
  expect(new Set(walked)).toEqual(new Set(paid.map(({ order_id }) => order_id)))
  await given.expectInvariants()
  await given.expectMoneyToMatch()
})

test.each([
  ["limit=0", "limit"],
  ["limit=1001", "limit"],
  ["limit=some", "limit"],
  ["cursor=nowhere", "cursor"],
  ["cursor=", "cursor"],
])("a request for a list with %s is refused with the name of the wrong field", async (query, field) => {
  const answer = await given.orders(randomUUID(), query)
  expect(answer.status).toBe(422)
  expect(answer.body.errors).toMatchObject([{ field }])
})

test("a cursor far outside every possible time gives an empty page", async () => {
  const last = orderCursor({ at: 2 ** 55, orderId: "ffffffff-ffff-ffff-ffff-ffffffffffff" })
  for (const cursor of [orderCursor({ at: 0, orderId: randomUUID() }), last]) {
    expect((await given.orders(randomUUID(), `cursor=${cursor}`)).body).toEqual({ items: [], next: null })
  }
})

test("an order shows the state of its payment: to be captured, paid, refunded; a refunded unit is on sale again", async () => {
  const sku = await given.sku({ total_stock: 1 })
  const [hold] = await given.reserve(sku)
  if (hold === undefined) return
  const { order_id: orderId } = (await given.pay(hold)).body
  const status = async () => (await given.order(hold.userId, orderId)).body.status
  expect(await status()).toBe("PENDING_CAPTURE")
  await capturePayment(given.deps, orderId)
  expect(await status()).toBe("PAID")
  expect((await given.refund(orderId)).status).toBe(200)
  expect(await status()).toBe("REFUNDED")
  expect(await given.inventory(sku.skuNo)).toMatchObject({ reserved_count: 0, sold_count: 0 })
  await given.expectInvariants()
})
