import type { Route } from "playwright-core"
import { expect } from "vitest"
import { test } from "./given-shop.ts"
import { keysOf } from "./keys.ts"
import { holds } from "./sentences.ts"
import type { PartName } from "./system.ts"

test.for([["redis"], ["kafka"], ["postgres"]] as [PartName][])(
  "%s is killed while a shopper reserves: they read the truth, keep their request, and get their unit",
  async ([part], { given }) => {
    const skuId = await given.shop.sale({ total_stock: 3 })
    const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
    const keys = keysOf(shopper)
    const restarts = given.system.restartsOf(part)
    given.system.signal(part, "SIGKILL")
    await shopper.press("Reserve")
    await shopper.sees(holds(1))
    await shopper.payWith("Card that pays")
    await shopper.sees("Thank you. Your order is paid.")
    await given.system.isBack(part, restarts)
    expect(new Set(keys()).size).toBe(1)
    expect(await given.shop.orders(shopper.name)).toHaveLength(1)
  },
)

test("a broker that hangs: the request is safe, the page says so, and never that the shopper holds nothing", async ({
  given,
}) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  given.system.signal("kafka", "SIGSTOP")
  try {
    await shopper.press("Reserve")
    // The API says which it is: the record was not sent, or it was sent and not acknowledged.
    await shopper.sees(/^The shop is busy\. Your request is safe, and we send it again\.|^We cannot tell right now /)
    await shopper.doesNotSee(/hold nothing/)
    await shopper.shows("broker-hangs")
    await shopper.page.reload()
    await shopper.sees("Your request")
    await shopper.doesNotSee(/hold nothing/)
  } finally {
    given.system.signal("kafka", "SIGCONT")
  }
  await shopper.sees(holds(1))
})

test("answers that are lost: the page cannot tell what became of the request, and asks again with the same key", async ({
  given,
}) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  const keys = keysOf(shopper)
  // The request arrives and is decided; its answer does not come back, three times.
  const loseAnswer = async (route: Route) => {
    await route.fetch()
    await route.abort("connectionreset")
  }
  await shopper.context.route("**/v1/reservations", loseAnswer, { times: 3 })
  await shopper.press("Reserve")
  await shopper.sees("We cannot tell right now what became of your request. It is safe: we ask again with the same key.")
  await shopper.doesNotSee(/hold nothing/)
  await shopper.shows("unknown")
  await shopper.page.reload()
  await shopper.sees("Your request")
  await shopper.doesNotSee(/hold nothing/)
  await shopper.sees(holds(1))
  expect(keys().length).toBe(4)
  expect(new Set(keys()).size).toBe(1)
})

test("PostgreSQL away while a shopper holds a unit: what they had is kept, and the page asks again", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  await shopper.press("Reserve")
  await shopper.sees(holds(1))
  const restarts = given.system.restartsOf("postgres")
  given.system.signal("postgres", "SIGKILL")
  await shopper.page.reload()
  await shopper.sees(/We hold 1 unit for you|We cannot tell right now how it stands/)
  await shopper.doesNotSee(/hold nothing/)
  await given.system.isBack("postgres", restarts)
  await shopper.payWith("Card that pays")
  await shopper.sees("Thank you. Your order is paid.")
})

test("the gateway is killed: an open page goes on when it is back", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}`, expectsNetworkTrouble: true })
  const restarts = given.system.restartsOf("gateway")
  given.system.signal("gateway", "SIGKILL")
  await shopper.press("Reserve")
  await given.system.isBack("gateway", restarts)
  await shopper.sees(holds(1))
})
