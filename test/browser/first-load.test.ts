import { expect, test } from "vitest"
import { type GivenShop, givenShop } from "./given-shop.ts"

let given: GivenShop
givenShop((ready) => {
  given = ready
})

test.each(["/", "/orders", "/sale/sku-001"])("%s opens without an error and without a request to another site", async (path) => {
  const shopper = await given.arrive({ path })
  await shopper.page.waitForLoadState("networkidle")
  expect(await shopper.page.title()).toMatch(/./)
})
