import { expect } from "vitest"
import { test } from "./given-shop.ts"
import { holds } from "./sentences.ts"
import type { PartName } from "./system.ts"

test.for([["redis"], ["kafka"], ["postgres"]] as [PartName][])(
  "%s is killed while a shopper reserves: they are told the truth, keep their request, and get their unit",
  async ([part], { given }) => {
    const skuId = await given.shop.sale({ total_stock: 3 })
    const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
    const keys: string[] = []
    shopper.context.on("request", (request) => {
      if (request.method() === "POST" && request.url().endsWith("/v1/reservations"))
        keys.push(request.headers()["idempotency-key"] ?? "")
    })
    const restarts = given.system.restartsOf(part)
    given.system.signal(part, "SIGKILL")
    await shopper.press("Reserve")
    await shopper.sees(holds(1))
    await shopper.payWith("Card that pays")
    await shopper.sees("Thank you. Your order is paid.")
    await given.system.isBack(part, restarts)
    expect(new Set(keys).size).toBe(1)
    expect(await given.shop.orders(shopper.name)).toHaveLength(1)
  },
)

test("a broker that hangs: the page cannot tell what became of the request, and never says that the shopper holds nothing", async ({
  given,
}) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  given.system.signal("kafka", "SIGSTOP")
  try {
    await shopper.press("Reserve")
    await shopper.sees(/^We cannot tell right now what became of your request\. It is safe: we ask again with the same key\./)
    await shopper.doesNotSee(/hold nothing/)
    await shopper.shows("unknown")
    await shopper.page.reload()
    await shopper.sees("Your request")
    await shopper.doesNotSee(/hold nothing/)
  } finally {
    given.system.signal("kafka", "SIGCONT")
  }
  await shopper.sees(holds(1))
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
