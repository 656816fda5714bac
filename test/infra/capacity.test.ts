import { expect, test } from "vitest"
import { needsAt } from "../../lib/capacity/at-scale.ts"
import { bottleneckOf, headroom } from "../../lib/capacity/headroom.ts"
import { stages } from "../../lib/stages.ts"
import { capacityOf, capacityText } from "../../ops/capacity.ts"
import { prodWith, setting } from "./edited-stage.ts"

const utilisationOf = (stage: typeof stages.prod, name: string) => headroom(stage).find((part) => part.name === name)?.utilisation

test("the parts of every stage carry its declared peak, the fullest first", () => {
  for (const stage of Object.values(stages)) {
    const filled = headroom(stage).map(({ utilisation }) => utilisation)
    expect(filled).toEqual([...filled].sort((a, b) => b - a))
    expect(filled[0]).toBeLessThan(1)
  }
})

test("the bottleneck of the reference sale is the writer of its one SKU", () => {
  expect(bottleneckOf(headroom(stages.prod))?.name).toBe("writer of the hottest partition")
})

test("several hot SKUs share the peak, so that another part becomes the bottleneck", () => {
  const lots = prodWith(setting("capacity.hotSkus", 5))
  expect(utilisationOf(lots, "writer of the hottest partition")).toBeCloseTo(25_000 / 5 / 28_571, 3)
  expect(bottleneckOf(headroom(lots))?.name).toBe("environments of reserve")
})

test("a quota is never reported as the bottleneck, because AWS raises it on request", () => {
  const full = prodWith(setting("quotas.apiRequestsPerSecond", 30_800))
  expect(headroom(full)[0]?.name).toBe("API Gateway quota")
  expect(bottleneckOf(headroom(full))?.kind).toBe("machinery")
})

test("the report says when a wait misses the service level", () => {
  const answer = capacityOf({ stage: "prod" })
  expect(answer.line.decisionMs?.p95).toBeGreaterThan(110)
  expect(capacityText(answer)).toContain("MORE than the 120 ms")
  expect(capacityText(capacityOf({ stage: "prod", reservationsPerSecond: 5_000 }))).toContain("within the 120 ms")
})

test("other rates can be tried without a change of the stage, and the guardrails refuse them as at synth", () => {
  expect(capacityOf({ stage: "prod" }).findings).toEqual([])
  const { findings, line } = capacityOf({ stage: "prod", reservationsPerSecond: 100_000 })
  expect(findings.join("\n")).toContain("100,000 requests/s on one partition")
  expect(line.waitMs).toBeUndefined()
  expect(stages.prod.capacity.peakReservationsPerSecond).toBe(25_000)
})

test("a million requests a second need more partitions than one topic has, and more than one database", () => {
  const needed = (part: string) => needsAt(stages.prod, 1_000_000).find((need) => need.part.startsWith(part))?.needed
  expect(needed("hot SKUs")).toBe(34)
  expect(needed("event pollers")).toBe(32)
  expect(needed("databases")).toBeGreaterThan(1)
  expect(needed("environments of reserve")).toBe(Math.ceil(120_000 / (64 * 0.8)))
})
