import { expect, test } from "vitest"
import { planShoppers, type ShopperPlan } from "../../../loadtest/rehearsal/plan.ts"

const plans = planShoppers({ shoppers: 20_000, peakPerSecond: 1_000, holdSeconds: 20, seed: 11 })
const share = (is: (plan: ShopperPlan) => boolean) => plans.filter(is).length / plans.length

test("the plans of winners (pay, be declined, cancel, vanish) have the shares of the profile", () => {
  expect(share(({ ending }) => ending === "pay")).toBeCloseTo(0.7, 2)
  expect(share(({ ending }) => ending.startsWith("decline"))).toBeCloseTo(0.05, 2)
  expect(share(({ ending }) => ending === "cancel")).toBeCloseTo(0.1, 2)
  expect(share(({ ending }) => ending === "vanish")).toBeCloseTo(0.15, 2)
})

test("some shoppers only look, some reload, some ask again with the same key", () => {
  expect(share(({ reservesAfterMs }) => reservesAfterMs === undefined)).toBeCloseTo(0.05, 2)
  expect(share(({ reloadsAfterMs }) => reloadsAfterMs.length > 0)).toBeCloseTo(0.15, 2)
  expect(share(({ repeats }) => repeats?.after === "sending")).toBeCloseTo(0.05, 2)
  expect(share(({ repeats }) => repeats?.after === "answer")).toBeCloseTo(0.05, 2)
})

test("shoppers are numbered in the order of their arrival", () => {
  expect(plans.map(({ number }) => number)).toEqual(plans.map((_, index) => index))
  expect(plans.map(({ arrivesAtMs }) => arrivesAtMs)).toEqual(plans.map(({ arrivesAtMs }) => arrivesAtMs).sort((a, b) => a - b))
})

test.each([1, 5, 20, 3_600])("no shopper waits longer than a hold of %i s allows", (holdSeconds) => {
  const longest = planShoppers({ shoppers: 2_000, peakPerSecond: 1_000, holdSeconds, seed: 1 }).reduce(
    (most, { thinksMs }) => Math.max(most, thinksMs),
    0,
  )
  expect(longest).toBeLessThan(holdSeconds * 500)
  expect(longest).toBeLessThanOrEqual(9_000)
})

test("the same seed plans the same sale", () => {
  const sale = { shoppers: 50, peakPerSecond: 100, holdSeconds: 10, seed: 3 }
  expect(planShoppers(sale)).toEqual(planShoppers(sale))
  expect(planShoppers(sale)).not.toEqual(planShoppers({ ...sale, seed: 4 }))
})
