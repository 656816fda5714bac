import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { endpointsOf } from "../../lib/capacity/endpoints.ts"
import { brokerLimits, cacheCommandsPerSecond, databaseMemoryGiB } from "../../lib/capacity/limits.ts"
import { eventCost, monthUsd, standingUsdPerDay, standingUsdPerMonth } from "../../lib/cost/event-cost.ts"
import { pageLoad } from "../../lib/cost/page-load.ts"
import { brokerHour, cacheHour, databaseHour, prices, pricesAsOf, regionFactor } from "../../lib/cost/prices.ts"
import { readsPerShopperSecond, referenceProfile, sustainedProfile } from "../../lib/cost/profile.ts"
import { pollerUnits } from "../../lib/cost/standing-cost.ts"
import { billedAlarms, firewallRules, keysPerStage, secretsPerStage } from "../../lib/cost/watch-cost.ts"
import { stages } from "../../lib/stages.ts"
import { costOf, costText } from "../../ops/cost.ts"
import { paces } from "../../web/src/machine/pace.ts"
import { prodWith, setting } from "./edited-stage.ts"
import { mailing } from "./stage-edits.ts"
import { wholeSale } from "./whole-sale.ts"

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
  expect(mails(stages.dev)).toBe(0)
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

test("a day of the stage for a trial costs at most seven dollars", () => {
  expect(standingUsdPerDay(stages.try)).toBeLessThanOrEqual(7)
})

test("a shopper's sign-in is the largest line of a sale, and sales in a rehearsal have test users instead", () => {
  const { lines, signInUsd } = eventCost(prod, referenceProfile(prod))
  expect(lines.reduce((most, line) => (line.usd > most.usd ? line : most)).component).toBe("Sign-in (Cognito)")
  expect(signInUsd).toBe(prod.signIn.shoppers * 0.02)
  expect(monthUsd(prod)).toBeGreaterThan(standingUsdPerMonth(prod) + signInUsd)
  expect(monthUsd(stages.load)).toBeLessThan(standingUsdPerMonth(stages.load))
})

test("groups for whose work nobody waits share a poller unit; the writer and the reactor have one each", () => {
  expect(pollerUnits(prod)).toBe(3)
  expect(pollerUnits(stages.try)).toBe(0)
  expect(pollerUnits(prodWith(setting("eventSources.notifier.pollers", { minimum: 9, maximum: 9 })))).toBe(4)
})

describe.each([["try", stages.try] as const, ["prod", prod] as const])(
  "the bill of stage %s is that of its templates",
  (_name, stage) => {
    const { resources } = wholeSale(stage)
    const own = resources.filter(({ stack }) => !/DisasterRecovery|Paging/.test(stack))
    const of = (type: string) => own.filter(({ Type }) => Type === type)

    test("keys and secrets: one secret has a copy at the edge", () => {
      expect(keysPerStage).toBe(of("AWS::KMS::Key").length)
      expect(secretsPerStage).toBe(of("AWS::SecretsManager::Secret").length + 1)
    })

    test("rules of the firewall", () => {
      const [acl] = of("AWS::WAFv2::WebACL")
      const { always, withBotControl } = firewallRules
      expect(always + (stage.edge.botControl ? withBotControl : 0)).toBe([acl?.Properties.Rules].flat().length)
    })

    test("alarms: by the metric and its period, and composites", () => {
      const metrics = of("AWS::CloudWatch::Alarm").flatMap(({ Properties }) => {
        const { Metrics, Period = 0 } = Properties as { Metrics?: { MetricStat?: { Period: number } }[]; Period?: number }
        if (Metrics === undefined) return [Period < 60]
        return Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Period < 60] : []))
      })
      const fast = metrics.filter((isFast) => isFast).length
      const composites = of("AWS::CloudWatch::CompositeAlarm").length
      expect(billedAlarms(stage)).toEqual({ fast, slow: metrics.length - fast, composites })
    })

    test("endpoints, ways out and their addresses", () => {
      const endpoints = of("AWS::EC2::VPCEndpoint").filter(({ Properties }) => Properties.VpcEndpointType === "Interface")
      expect(endpoints).toHaveLength(endpointsOf(stage).length)
      const gateways = stage.network.natInstance === undefined ? stage.network.natGateways : 0
      expect(of("AWS::EC2::NatGateway")).toHaveLength(gateways)
      expect(of("AWS::EC2::EIP")).toHaveLength(gateways)
      expect(of("AWS::EC2::Instance")).toHaveLength(stage.network.natInstance === undefined ? 0 : 1)
    })
  },
)

test("docs/COST.md has the current figures of the model", () => {
  const document = readFileSync(fileURLToPath(new URL("../../docs/COST.md", import.meta.url)), "utf8")
  expect(document).toContain(costText(costOf("prod"), prod))
})
