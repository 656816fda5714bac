import { expect, test } from "vitest"
import { openKeeper } from "../../../web/src/device/keeper.ts"
import { openPurchases } from "../../../web/src/device/purchases.ts"
import { readSettings } from "../../../web/src/device/settings.ts"

const nowMs = Date.parse("2026-11-27T09:00:00Z")
const wishOf = (key: string) => ({ key, skuId: "sku-1", quantity: 1, joinWaitlist: false, askedAtMs: nowMs })
const known = (status: string) => ({ id: "r-1", status, quantity: 1 })

/** A browser that keeps nothing: the page's memory stands in. */
const keeper = () =>
  openKeeper(() => {
    throw new Error("The browser forbids storage")
  })

/** Tabs of one browser: they share the storage and the locks. */
const twoTabs = () => {
  const shared = keeper()
  return [openPurchases(shared, navigator.locks), openPurchases(shared, navigator.locks)] as const
}

test("a second tab gets the wish of the first one, and a shopper never that of another", async () => {
  const [one, two] = twoTabs()
  const wishes = await Promise.all([one.claim("ana", wishOf("key-00001")), two.claim("ana", wishOf("key-00002"))])
  expect(new Set(wishes.map(({ wish }) => wish.key)).size).toBe(1)
  expect((await two.claim("ben", wishOf("key-00003"))).wish.key).toBe("key-00003")
  expect(Object.keys(one.all("ana", nowMs))).toEqual(["sku-1"])
})

test("a wish that is over is replaced, and one that may hold something is never overwritten", async () => {
  const [one, two] = twoTabs()
  await one.claim("ana", wishOf("key-00001"))
  one.store("ana", "sku-1", { wish: wishOf("key-00001"), known: known("EXPIRED") })
  expect((await two.claim("ana", wishOf("key-00002"))).wish.key).toBe("key-00002")
  one.store("ana", "sku-1", { wish: wishOf("key-00001"), known: known("CANCELLED") })
  expect(one.read("ana", "sku-1")?.wish.key).toBe("key-00002")
})

test("a tab does not send a wish while another one does, and reads what that one got", async () => {
  const [one, two] = twoTabs()
  const wish = wishOf("key-00001")
  await one.claim("ana", wish)
  const order: string[] = []
  const first = one.inTurn("ana", wish, async () => {
    order.push("first sends")
    await Promise.resolve()
    one.store("ana", "sku-1", { wish, known: known("RESERVED") })
    order.push("first has its answer")
    return undefined
  })
  const second = two.inTurn("ana", wish, async () => {
    order.push("second sends")
    return undefined
  })
  expect(await first).toBeUndefined()
  expect((await second)?.known?.status).toBe("RESERVED")
  expect(order).toEqual(["first sends", "first has its answer"])
})

test("after a sign-out only what may still hold something is left, and an old end is not shown again", async () => {
  const [one] = twoTabs()
  await one.claim("ana", wishOf("key-00001"))
  one.forgetEnded("ana")
  expect(one.read("ana", "sku-1")?.wish.key).toBe("key-00001")
  one.store("ana", "sku-1", { wish: wishOf("key-00001"), known: known("CONFIRMED") })
  expect(Object.keys(one.all("ana", nowMs + 25 * 3_600_000))).toEqual([])
})

test("texts that no version of the page wrote are no purchase and no setting", () => {
  const shared = keeper()
  shared.set("purchase:ana:sku-1", "{")
  shared.set("settings", '{"language":"tlh"}')
  expect(openPurchases(shared, undefined).read("ana", "sku-1")).toBeUndefined()
  expect(readSettings(shared, ["fr-FR", "de-AT"])).toEqual({ language: "de", isSoundOn: true })
})
