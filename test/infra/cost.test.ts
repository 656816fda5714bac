import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { brokerLimits, cacheCommandsPerSecond, databaseMemoryGiB } from "../../lib/capacity/limits.ts"
import { eventCost, standingUsdPerMonth } from "../../lib/cost/event-cost.ts"
import { pageLoad } from "../../lib/cost/page-load.ts"
import { brokerHour, cacheHour, databaseHour, prices, pricesAsOf, regionFactor } from "../../lib/cost/prices.ts"
import { readsPerShopperSecond, referenceProfile, sustainedProfile } from "../../lib/cost/profile.ts"
import { stages } from "../../lib/stages.ts"
import { costOf, costText } from "../../ops/cost.ts"
import { paces } from "../../web/src/machine/pace.ts"
import { prodWith, setting } from "./edited-stage.ts"
import { mailing } from "./stage-edits.ts"

const { prod } = stages

test("every price is above zero and has its page, and all have the same date", () => {
  expect(pricesAsOf).toMatch(/^\d{4}-\d{2}$/)
  for (const { usd, per, source } of Object.values(prices)) {
    expect(usd).toBeGreaterThan(0)
    expect(per).not.toBe("")
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/.+pricing/)
  }
})

test("every allowed size has a price", () => {
  expect(Object.keys(brokerHour).sort()).toEqual(Object.keys(brokerLimits).sort())
  expect(Object.keys(databaseHour).sort()).toEqual(Object.keys(databaseMemoryGiB).sort())
  expect(Object.keys(cacheHour).sort()).toEqual(Object.keys(cacheCommandsPerSecond).sort())
  for (const stage of Object.values(stages)) expect(regionFactor).toHaveProperty(stage.region)
})

test("80 % of the reference sale's arrivals come in 25 s at the peak", () => {
  const { reads, reservations } = referenceProfile(prod)
  expect(reads * 0.8).toBe(250_000 * 25)
  expect(reservations * 0.8).toBe(25_000 * 25)
})

test("a total is the sum of its components, and its share is of the revenue", () => {
  const cost = eventCost(prod, referenceProfile(prod))
  expect(cost.totalUsd).toBeCloseTo(cost.lines.reduce((total, { usd }) => total + usd, 0))
  expect(cost.revenue).toBe(490_000)
  expect(cost.shareOfRevenue).toBeCloseTo(cost.totalUsd / 490_000)
})

test("the peak for half an hour cannot cost less than 50 USD: requests at the edge alone cost more", () => {
  const { lines } = eventCost(prod, sustainedProfile(prod))
  for (const name of ["CloudFront", "WAF", "API Gateway"]) {
    expect(lines.find(({ component }) => component === name)?.usd).toBeGreaterThan(50)
  }
  expect(costText(costOf("prod"), prod)).toContain("sustained: no")
})

test("a stage with a sender address pays for its mails, and one without pays nothing", () => {
  const mails = (config: typeof prod) =>
    eventCost(config, referenceProfile(config)).lines.find(({ component }) => component === "Notices")?.usd
  expect(mails(prodWith((stage) => delete stage.domain))).toBe(0)
  // 30,000 mails at 0.1 USD a thousand, and 210,000 writes at 0.625 USD a million in eu-central-1.
  expect(mails(prodWith(mailing()))).toBeCloseTo(3 + 0.21 * 0.625 * 1.15, 5)
})

test("the cost of requests grows with them; the cost by the hour does not", () => {
  const reference = eventCost(prod, referenceProfile(prod))
  const sustained = eventCost(prod, sustainedProfile(prod))
  const ratio = sustained.profile.reads / reference.profile.reads
  const of = (cost: typeof reference, name: string) => cost.lines.find(({ component }) => component === name)?.usd ?? 0
  expect(of(sustained, "Kafka data") / of(reference, "Kafka data")).toBeCloseTo(ratio, 5)
  expect(of(sustained, "PostgreSQL")).toBe(of(reference, "PostgreSQL"))
})

test("the reference sale costs more than 50 USD, also without the targeted Bot Control and the replica for analysts", () => {
  const without = prodWith((stage) => {
    stage.edge.botControl = false
    stage.database.analyticsReplicas = 0
  })
  expect(eventCost(prod, referenceProfile(prod)).totalUsd).toBeGreaterThan(50)
  expect(eventCost(without, referenceProfile(without)).totalUsd).toBeGreaterThan(50)
  expect(costText(costOf("prod"), prod)).toContain("reference: no")
})

test("a shopper reads as often as the page does, and each has loaded the page", () => {
  expect(readsPerShopperSecond).toBe(1_000 / paces.availabilityMs)
  expect(referenceProfile(prod).pages).toBe(prod.capacity.peakReadsPerSecond / readsPerShopperSecond)
})

test("the page's files are counted at the edge: requests at CloudFront and WAF, bytes, and runs of the function", () => {
  const of = (name: string) => eventCost(prod, referenceProfile(prod)).lines.find(({ component }) => component === name)
  const { pages, reads } = referenceProfile(prod)
  const requests = Number(/^([\d.]+) M requests/.exec(of("CloudFront")?.basis ?? "")?.[1]) * 1e6
  expect(requests).toBeGreaterThan(reads + pages * pageLoad.requests)
  expect(of("WAF")?.basis).toBe(of("CloudFront")?.basis.split(",")[0])
  expect(of("Page's entrances")?.basis).toBe("500 k page loads, 1.5 M runs of the function")
})

test("Shield Advanced, replicas and Bot Control cost money only if they are switched on", () => {
  const total = (stage: typeof prod) => eventCost(stage, referenceProfile(stage)).totalUsd
  expect(standingUsdPerMonth(prodWith(setting("edge.shieldAdvanced", true))) - standingUsdPerMonth(prod)).toBeCloseTo(3_000)
  expect(total(prodWith(setting("database.analyticsReplicas", 0)))).toBeLessThan(total(prod))
  expect(total(prodWith(setting("edge.botControl", false)))).toBeLessThan(total(prod))
})

test("an error names a size or region without a price", () => {
  const stage = prodWith(setting("cache.nodeType", "cache.m5.large"))
  expect(() => eventCost(stage, referenceProfile(stage))).toThrow("The price of cache.m5.large is not known")
})

test("the budget of a permanent stage covers its cost without a sale", () => {
  for (const stage of [stages.prod, stages.dev]) expect(stage.budgetUsdPerMonth).toBeGreaterThan(standingUsdPerMonth(stage))
})

test("docs/COST.md has the current figures of the model", () => {
  const document = readFileSync(fileURLToPath(new URL("../../docs/COST.md", import.meta.url)), "utf8")
  expect(document).toContain(costText(costOf("prod"), prod))
})
