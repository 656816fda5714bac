import { setTimeout as delay } from "node:timers/promises"
import { expect } from "vitest"
import { type GivenShop, test } from "./given-shop.ts"
import { holds } from "./sentences.ts"

async function holding(given: GivenShop, sale: { readonly hold_seconds?: number; readonly total_stock?: number } = {}) {
  const skuId = await given.shop.sale({ total_stock: 2, ...sale })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  await shopper.press("Reserve")
  await shopper.sees(holds(1))
  return { skuId, shopper }
}

/** Chooses the card that the bank confirms, and waits for the bank's page. */
async function atTheBank(given: GivenShop) {
  const { skuId, shopper } = await holding(given)
  await shopper.payWith("Card that the bank confirms (3-D Secure)")
  await shopper.page.getByRole("heading", { name: "Confirm your payment" }).waitFor()
  return { skuId, shopper }
}

test.concurrent("a card that the bank confirms: to the bank, back, paid", async ({ given }) => {
  const { skuId, shopper } = await atTheBank(given)
  await shopper.page.getByRole("button", { name: "It is me" }).click()
  await shopper.page.getByRole("link", { name: "Back to the shop" }).click()
  await shopper.page.getByRole("link", { name: "All sales" }).waitFor()
  await shopper.page.goto(`/sale/${skuId}`)
  await shopper.sees("Thank you. Your order is paid.")
  expect(await given.shop.orders(shopper.name)).toHaveLength(1)
})

test.concurrent("a confirmation that fails: nothing is paid, and another card pays within the hold", async ({ given }) => {
  const { skuId, shopper } = await atTheBank(given)
  await shopper.page.getByRole("button", { name: "It is not" }).click()
  await shopper.page.goto(`/sale/${skuId}`)
  await shopper.sees("The payment was not confirmed. You paid nothing. Try again, or use another card.")
  await shopper.shows("not-confirmed")
  await shopper.payWith("Card that pays")
  await shopper.sees("Thank you. Your order is paid.")
  expect(await given.shop.orders(shopper.name)).toHaveLength(1)
})

test.concurrent("a confirmation that is abandoned: the page shows the way back to the bank, and then the end of the hold", async ({
  given,
}) => {
  const { skuId, shopper } = await atTheBank(given)
  await shopper.page.goto(`/sale/${skuId}`)
  await shopper.sees("Your bank wants you to confirm the payment.")
  await shopper.page.getByRole("link", { name: "Confirm at your bank" }).waitFor()
  await shopper.shows("confirming")
  await given.shop.endHolds(skuId)
  await shopper.sees(/The units went back|the units went back/)
  await shopper.shows("confirmation-abandoned")
  expect(await given.shop.orders(shopper.name)).toEqual([])
})

test.concurrent("a declined card: nothing is paid, the time goes on, and another card pays", async ({ given }) => {
  const { shopper } = await holding(given)
  await shopper.payWith("Card that is declined")
  await shopper.sees("The card was declined. You paid nothing. Try another card.")
  await shopper.sees(holds(1))
  await shopper.shows("declined")
  await shopper.payWith("Card that pays")
  await shopper.sees("Thank you. Your order is paid.")
})

test.concurrent("an answer that is lost: the page asks again with the same key, and the shopper pays once", async ({ given }) => {
  const { shopper } = await holding(given)
  const keys: string[] = []
  shopper.context.on("request", (request) => {
    if (request.url().includes("/checkout")) keys.push(request.headers()["idempotency-key"] ?? "")
  })
  await shopper.payWith("Provider whose answer is lost once")
  await shopper.sees("Thank you. Your order is paid.")
  expect(new Set(keys).size).toBe(1)
  expect(await given.shop.orders(shopper.name)).toHaveLength(1)
})

test.concurrent("a reload while the card is charged never pays twice", async ({ given }) => {
  const { shopper } = await holding(given)
  await shopper.payWith("Card that answers after 3 seconds")
  await shopper.sees("We pay. Please wait, and do not close the page.")
  await shopper.shows("paying")
  await shopper.page.reload()
  await shopper.sees("Thank you. Your order is paid.")
  expect(await given.shop.orders(shopper.name)).toHaveLength(1)
})

test.concurrent("a provider that never answers, and a hold that ends meanwhile: the page says both as they are, and nothing is paid", async ({
  given,
}) => {
  const { shopper } = await holding(given, { hold_seconds: 8 })
  // On a slow network the answer about the reservation comes seconds after its end.
  await shopper.context.route(/\/v1\/reservations\/[^/]+(\?|$)/, async (route) => {
    await delay(3_000)
    await route.continue()
  })
  await shopper.payWith("Provider that never answers")
  await shopper.sees("We do not know yet whether your payment worked. We ask again. You never pay twice.")
  await shopper.shows("payment-unknown")
  await shopper.sees(/^The time is over, and your payment is not answered yet\. /)
  await shopper.shows("over-while-paying")
  await shopper.sees("The time ended before your payment. You paid nothing, and the units went back.")
  await shopper.shows("ended-while-paying")
  expect(await given.shop.orders(shopper.name)).toEqual([])
})
