import type { Page } from "playwright-core"
import { expect } from "vitest"
import { type GivenShop, test } from "./given-shop.ts"
import { keysOf } from "./keys.ts"
import { holds } from "./sentences.ts"

/** A shopper with a session, at an open sale. */
async function atSale(
  given: GivenShop,
  sale: Parameters<GivenShop["shop"]["sale"]>[0],
  options: Parameters<GivenShop["arrive"]>[0] = {},
) {
  const skuId = await given.shop.sale(sale)
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}`, ...options })
  return { skuId, shopper, keys: keysOf(shopper) }
}

test("from the list of sales to the order, without the terminal", async ({ given }) => {
  const startedMs = performance.now()
  await given.shop.sale({ total_stock: 5, name: "Lamp of the first journey" })
  const alice = await given.arrive()
  await alice.sees("Lamp of the first journey")
  await alice.shows("list")
  await alice.follow("Lamp of the first journey")
  await alice.sees("The sale is open.")
  await alice.shows("sale-open")
  await alice.signIn(given.nameOf("alice"))
  await alice.press("Reserve")
  await alice.sees(holds(1))
  await alice.sees("Time left to pay")
  await alice.shows("held")
  await alice.payWith("Card that pays")
  await alice.sees("Thank you. Your order is paid.")
  await alice.sees(/^Order number: /)
  await alice.shows("paid")
  await alice.follow("My orders")
  await alice.sees("Lamp of the first journey")
  await alice.sees("€49.00")
  await alice.shows("orders")
  expect(performance.now() - startedMs).toBeLessThan(60_000)
  expect(await given.shop.orders(alice.name)).toHaveLength(1)
})

test("before the opening the page counts down, and the button works at the opening without a reload", async ({ given }) => {
  const opensAtMs = Date.now() + 7_000
  const { shopper } = await atSale(given, { total_stock: 3, opens_at: new Date(opensAtMs).toISOString() })
  await shopper.sees(/^The sale opens at /)
  await shopper.sees("Time until the opening")
  await shopper.shows("countdown")
  expect(await shopper.page.getByRole("button", { name: "Reserve (not open yet)" }).getAttribute("aria-disabled")).toBe("true")
  const button = shopper.page.getByRole("button", { name: "Reserve", exact: true })
  await button.waitFor()
  const armedMs = Date.now()
  // The shop's clock is this machine's. The header that the page reads has whole seconds, and pages are spread over 0.8 s.
  expect(armedMs - opensAtMs).toBeGreaterThan(-700)
  expect(armedMs - opensAtMs).toBeLessThan(2_500)
  await button.click()
  await shopper.sees(holds(1))
})

test.for([
  ["an hour ahead", 3_600_000],
  ["an hour behind", -3_600_000],
] as const)(
  "with a clock that is %s, the opening, the hold and its end are those of the shop",
  async ([, clockAheadMs], { given }) => {
    const opensAtMs = Date.now() + 6_000
    const sale = { total_stock: 3, opens_at: new Date(opensAtMs).toISOString() }
    const { shopper } = await atSale(given, sale, { clockAheadMs })
    const timer = shopper.page.getByRole("timer", { name: "Time until the opening" })
    await timer.waitFor()
    expect(await timer.textContent()).toMatch(/^(0?0:)?0?0:0[0-7]$/)
    const button = shopper.page.getByRole("button", { name: "Reserve", exact: true })
    await button.waitFor()
    expect(Date.now() - opensAtMs).toBeGreaterThan(-700)
    await button.click()
    const untilMs = Date.now() + 120_000
    await shopper.sees(holds(1))
    const sentence = (await shopper.page.getByText(holds(1)).first().textContent()) ?? ""
    const clocks = [untilMs - 1_000, untilMs, untilMs + 1_000, untilMs + 2_000].map((ms) => clockInBerlin(ms))
    expect(clocks.some((clock) => sentence.includes(clock))).toBe(true)
    expect(await shopper.page.getByRole("timer", { name: "Time left to pay" }).textContent()).toMatch(/^0?1:5\d$|^0?2:00$/)
  },
)

const clockInBerlin = (ms: number) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Berlin", timeStyle: "medium" }).format(ms)

test("after the device slept, the time that is left is right", async ({ given }) => {
  const { shopper } = await atSale(given, { total_stock: 3 }, { clockAheadMs: 0 })
  await shopper.press("Reserve")
  await shopper.sees(holds(1))
  await shopper.page.clock.fastForward("20:00")
  const timer = shopper.page.getByRole("timer", { name: "Time left to pay" })
  await expect.poll(() => timer.textContent(), { timeout: 15_000 }).toMatch(/^0?1:\d\d$/)
})

test("a reload, the back button and a second tab show the one hold, and nothing is asked for twice", async ({ given }) => {
  const { skuId, shopper, keys } = await atSale(given, { total_stock: 3 })
  await shopper.press("Reserve")
  await shopper.sees(holds(1))
  await shopper.page.reload()
  await shopper.sees(holds(1))
  await shopper.follow("All sales")
  await shopper.sees("Sales")
  await shopper.page.goBack()
  await shopper.sees(holds(1))
  const first = await shopper.newTab(`/sale/${skuId}`)
  await shopper.sees(holds(1))
  await shopper.payWith("Card that pays")
  await shopper.sees("Thank you. Your order is paid.")
  await first.getByText("Thank you. Your order is paid.").first().waitFor()
  expect(new Set(keys()).size).toBe(1)
  expect(await given.shop.orders(shopper.name)).toHaveLength(1)
})

test("a double click, and two tabs that ask at the same moment, are one request", async ({ given }) => {
  const { skuId, shopper, keys } = await atSale(given, { total_stock: 5, per_user_limit: 5 })
  const first = await shopper.newTab(`/sale/${skuId}`)
  // Clicks at a place, as a mouse makes them: the other tab's request may take the button away meanwhile.
  const places = await Promise.all([first, shopper.page].map(async (tab) => ({ tab, place: await middleOf(tab, "Reserve") })))
  await Promise.all(places.map(({ tab, place }) => tab.mouse.dblclick(place.x, place.y)))
  await shopper.sees(holds(1))
  await first.getByText(holds(1)).first().waitFor()
  expect(new Set(keys()).size).toBe(1)
})

/** The middle of a button, on the screen of a tab. */
async function middleOf(tab: Page, name: string): Promise<{ x: number; y: number }> {
  const button = tab.getByRole("button", { name, exact: true })
  await button.scrollIntoViewIfNeeded()
  const box = await button.boundingBox()
  if (box === null) throw new Error(`The button ${name} is not on the screen`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

test("the second click of a double click that meets another button does nothing", async ({ given }) => {
  const { shopper } = await atSale(given, { total_stock: 3 })
  await shopper.press("Reserve")
  await shopper.sees(holds(1))
  const giveBack = shopper.page.getByRole("button", { name: "Give it back", exact: true })
  await giveBack.dispatchEvent("click", { detail: 2 })
  await shopper.page.reload()
  await shopper.sees(holds(1))
  await giveBack.dispatchEvent("click", { detail: 1 })
  await shopper.sees("You gave the units back. You paid nothing.")
})

test("a tab that is closed before the answer has come is continued by the next one, with the same key", async ({ given }) => {
  const { skuId, shopper, keys } = await atSale(given, { total_stock: 3 })
  const network = await shopper.protocol()
  await network.send("Network.emulateNetworkConditions", {
    ...{ offline: false, latency: 1_500, downloadThroughput: 50_000, uploadThroughput: 50_000 },
  })
  await shopper.press("Reserve")
  await expect.poll(() => keys().length).toBe(1)
  const closed = shopper.page
  await shopper.newTab(`/sale/${skuId}`)
  await closed.close()
  await shopper.sees(holds(1))
  expect(new Set(keys()).size).toBe(1)
})

test("offline, the page says so, loses nothing, and continues by itself", async ({ given }) => {
  const { shopper, keys } = await atSale(given, { total_stock: 3 }, { expectsNetworkTrouble: true })
  await shopper.context.setOffline(true)
  await shopper.sees(/^You are offline\./)
  await shopper.press("Reserve")
  await shopper.sees("Your request")
  await shopper.shows("offline")
  await shopper.context.setOffline(false)
  await shopper.sees(holds(1))
  await shopper.doesNotSee(/^You are offline\./)
  expect(new Set(keys()).size).toBe(1)
})

test("in the queue, a shopper sees their place and what is ahead, and then their hold", async ({ given }) => {
  const { skuId, shopper } = await atSale(given, { total_stock: 5 })
  given.system.signal("inventory-batch-writer", "SIGSTOP")
  try {
    for (const name of ["first", "second"]) await given.shop.reserve(skuId, given.nameOf(name))
    await shopper.press("Reserve")
    await shopper.sees("You are in the queue")
    await shopper.sees("You are 3rd in the queue.")
    await shopper.sees("2 requests are ahead of you.")
    await shopper.shows("queued")
  } finally {
    given.system.signal("inventory-batch-writer", "SIGCONT")
  }
  await shopper.sees(holds(1))
})

test("a shopper who holds units on another device reads so", async ({ given }) => {
  const { skuId, shopper } = await atSale(given, { total_stock: 5 })
  await given.shop.reserve(skuId, shopper.name)
  await shopper.press("Reserve")
  await shopper.sees(/^You already have yours: one shopper may have no more units\./)
  await shopper.shows("already-yours")
})

test("the page says that a sale is sold out, and the request is refused for good", async ({ given }) => {
  const { skuId, shopper } = await atSale(given, { total_stock: 1 })
  await given.shop.reserve(skuId, given.nameOf("faster"))
  await shopper.sees(/^Every unit is taken\./)
  await shopper.shows("sold-out")
  await shopper.press("Join the waitlist")
  await shopper.sees("Every unit is taken, and there is no free place on the waitlist.")
  await shopper.shows("refused-sold-out")
})

test("too many requests: the page says how long to wait, and sends the request again by itself", async ({ given }) => {
  const { shopper, keys } = await atSale(given, { total_stock: 5 })
  const other = await given.shop.sale({ total_stock: 1 })
  await given.shop.spendTokens(other, shopper.name)
  await shopper.press("Reserve")
  await shopper.sees(/^Please wait \d+ seconds?\. Your request is safe\.$/)
  await shopper.shows("wait")
  await shopper.sees(holds(1))
  expect(new Set(keys()).size).toBe(1)
})

test("a sale that is halted and resumed: the page says both, and a request that came meanwhile is not lost", async ({
  given,
}) => {
  const { skuId, shopper, keys } = await atSale(given, { total_stock: 5 })
  await shopper.sees("The sale is open.")
  await given.shop.steer(skuId, "halt")
  await shopper.press("Reserve")
  await shopper.sees(/^The sale is paused\. Your request is safe, and we send it again\./)
  await shopper.shows("halted")
  await given.shop.steer(skuId, "resume")
  await shopper.sees(holds(1))
  expect(new Set(keys()).size).toBe(1)
})

test("a hold is given back, and the shopper may reserve again", async ({ given }) => {
  const { shopper, keys } = await atSale(given, { total_stock: 1 })
  await shopper.press("Reserve")
  await shopper.sees(holds(1))
  await shopper.press("Give it back")
  await shopper.sees("You gave the units back. You paid nothing.")
  await shopper.shows("cancelled")
  await shopper.press("Reserve again")
  await shopper.sees(holds(1))
  expect(new Set(keys()).size).toBe(2)
})

test("the page says the end of a hold as it is", async ({ given }) => {
  const { shopper } = await atSale(given, { total_stock: 1, hold_seconds: 4 })
  await shopper.press("Reserve")
  await shopper.sees(holds(1))
  await shopper.sees("The time to pay is over. The units went back. You paid nothing.")
  await shopper.shows("expired")
})
