import { expect } from "vitest"
import { type GivenShop, test } from "./given-shop.ts"
import { holds } from "./sentences.ts"

/** A sale whose only unit another shopper holds, and a shopper on its waitlist. */
async function waiting(given: GivenShop, options: Parameters<GivenShop["arrive"]>[0] = {}) {
  const skuId = await given.shop.sale({ total_stock: 1, waitlist_limit: 5 })
  const holder = await given.shop.reserve(skuId, given.nameOf("holder"))
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}`, ...options })
  await shopper.sees(/^Every unit is taken\./)
  await shopper.press("Join the waitlist")
  await shopper.sees(/^You are \S+ on the waitlist\. We tell you here when a unit is yours\.$/)
  return { skuId, holder, shopper }
}

test("sold out, on the waitlist, promoted while the page is open, paid", async ({ given }) => {
  const { holder, shopper } = await waiting(given)
  await shopper.sees("You are 1st on the waitlist. We tell you here when a unit is yours.")
  await shopper.shows("waitlisted")
  await holder.cancel()
  const looks = shopper.countRequests(/^\/v1\/reservations\//)
  const releasedMs = performance.now()
  await shopper.sees("A unit came back, and it is yours.")
  console.log(`a promotion was seen after ${Math.round(performance.now() - releasedMs)} ms`)
  // The page asks every 0.6 s (test/unit/web/load.test.ts), and a promotion is visible to a read within 0.3 s. A machine that is
  // busy with other work stretches the seconds, but does not make the page look more often.
  expect(looks()).toBeLessThanOrEqual(3)
  await shopper.sees(holds(1))
  await shopper.shows("promoted")
  await shopper.payWith("Card that pays")
  await shopper.sees("Thank you. Your order is paid.")
})

test("a shopper who looks elsewhere sees it in the title of the tab, which is the page's own again when they look", async ({
  given,
}) => {
  const { holder, shopper } = await waiting(given, { clockAheadMs: 0 })
  const own = await shopper.page.title()
  await shopper.looksAway()
  await holder.cancel()
  // A hidden page asks rarely.
  await shopper.page.clock.fastForward("00:20")
  await expect.poll(() => shopper.page.title(), { timeout: 15_000 }).toContain("A unit is yours")
  await shopper.looksBack()
  await expect.poll(() => shopper.page.title()).toBe(own)
})

test("a place is kept over a reload, shown behind others, and given back", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 1, waitlist_limit: 5 })
  for (const name of ["holder", "before"]) await given.shop.reserve(skuId, given.nameOf(name), { join_waitlist: true })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  await shopper.press("Join the waitlist")
  await shopper.sees("You are 2nd on the waitlist. We tell you here when a unit is yours.")
  await shopper.page.reload()
  await shopper.sees("You are 2nd on the waitlist. We tell you here when a unit is yours.")
  await shopper.press("Leave the waitlist")
  await shopper.sees("You hold nothing, and you are not on the waitlist.")
  await shopper.shows("left-waitlist")
})

test("the sound is off until the shopper switches it on, and the choice stays on the device", async ({ given }) => {
  const { shopper } = await waiting(given)
  const sound = () => shopper.page.getByLabel("Play a sound when a unit is mine")
  const before = await sound().isChecked()
  await sound().setChecked(!before)
  await shopper.page.reload()
  await sound().waitFor()
  expect(await sound().isChecked()).toBe(!before)
})

test("the close of the sale ends a place on the waitlist, and the page says so", async ({ given }) => {
  const { skuId, shopper } = await waiting(given)
  await given.shop.steer(skuId, "close")
  await shopper.sees("The sale closed before a unit came back. Your place on the waitlist has ended.")
  await shopper.shows("lapsed")
})
