import { expect } from "vitest"
import { type GivenShop, test } from "./given-shop.ts"
import { holds } from "./sentences.ts"

/** A shopper who has bought one unit, and their order. */
async function bought(given: GivenShop, sale: Parameters<GivenShop["shop"]["sale"]>[0] = { total_stock: 1 }) {
  const skuId = await given.shop.sale(sale)
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  await shopper.press("Reserve")
  await shopper.sees(holds(1))
  await shopper.payWith("Card that pays")
  await shopper.sees("Thank you. Your order is paid.")
  const [order] = await given.shop.orders(shopper.name)
  if (order === undefined) throw new Error("There is no order")
  return { skuId, shopper, orderId: order.order_id }
}

test("a refund of everything: the shopper sees it in their orders, and a waiting shopper gets the unit", async ({ given }) => {
  const { skuId, shopper, orderId } = await bought(given, { total_stock: 1, waitlist_limit: 5 })
  const next = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  await next.press("Join the waitlist")
  await next.sees(/^You are 1st on the waitlist\./)
  await given.shop.refund(orderId, { reason: "The lamp arrived broken" })
  await next.sees("A unit came back, and it is yours.")
  await shopper.follow("My orders")
  await shopper.sees("€49.00 went back to you.")
  await shopper.shows("order-refunded")
})

test("a refund of a part: the order stays paid, and shows what went back", async ({ given }) => {
  const { shopper, orderId } = await bought(given)
  await given.shop.refund(orderId, { reason: "A scratch on the foot", amount_minor: 900 })
  await shopper.follow("My orders")
  await shopper.sees("€9.00 refunded")
  await shopper.shows("order-refunded-in-part")
  expect(await given.shop.orders(shopper.name)).toMatchObject([{ status: "PAID", refunded_minor: 900 }])
})
