import { describe, expect, test } from "vitest"
import { batchSize, chosenBatchSize, leastBatchRecords, mostBatchRecords } from "../../../core/domain/batch-size.ts"
import { readsPerSecondBetween, type Steering, steer, steeringRates } from "../../../core/domain/steering.ts"
import { limitOf, refillMsOf } from "../../../core/domain/token-bucket.ts"

const second = 1_000_000

describe("reads a second", () => {
  const before = { ended: 10_000, writing: 500, at: 0 }
  test("are the transactions that wrote nothing", () => {
    expect(readsPerSecondBetween(before, { ended: 22_000, writing: 2_500, at: 2 * second })).toBe(5_000)
  })
  test("of a moment, or across a restart of the server, are not known", () => {
    expect(readsPerSecondBetween(before, { ended: 22_000, writing: 2_500, at: second - 1 })).toBeUndefined()
    expect(readsPerSecondBetween(before, { ended: 3, writing: 600, at: 2 * second })).toBeUndefined()
  })
  test("are never below zero: a transaction that writes may still be under way", () => {
    expect(readsPerSecondBetween(before, { ended: 10_001, writing: 600, at: second })).toBe(0)
  })
})

describe("the limits of admission", () => {
  const { tightenAboveReadsPerSecond: most, calmBelowReadsPerSecond: few, calmMs } = steeringRates
  const tight: Steering = { limits: "tight" }
  const seen = (readsPerSecond: number, atMs: number, isRedisComplete = true) => ({
    readsPerSecond,
    at: atMs * 1_000,
    isRedisComplete,
  })

  test("become tight above the rate, not at it", () => {
    expect(steer({ limits: "normal" }, seen(most, 0))).toEqual({ limits: "normal" })
    expect(steer({ limits: "normal" }, seen(most + 1, 0))).toEqual({ limits: "tight" })
  })
  test("become normal once the reads were few for the whole time", () => {
    const calm = steer(tight, seen(few - 1, 1_000))
    expect(calm).toEqual({ limits: "tight", calmSince: second })
    expect(steer(calm, seen(few - 1, calmMs + 999))).toEqual(calm)
    expect(steer(calm, seen(few - 1, calmMs + 1_000))).toEqual({ limits: "normal" })
  })
  test.each([
    ["the reads are many in between", seen(few, 2_000)],
    ["Redis is not complete", seen(0, 2_000, false)],
  ])("stay tight, and the time begins again, when %s", (_, measured) => {
    expect(steer({ limits: "tight", calmSince: second }, measured)).toEqual(tight)
  })
  test("tight ones are a fifth of the normal ones, and tier 1 keeps its one request a minute", () => {
    const tiers = [1, 2, 3, 4] as const
    expect(tiers.map((tier) => limitOf(tier, "tight"))).toEqual([1, 10, 20, 40])
    expect(tiers.map((tier) => refillMsOf(tier, "tight"))).toEqual([60_000, 6_000, 3_000, 1_500])
    expect(tiers.map((tier) => refillMsOf(tier))).toEqual([60_000, 1_200, 600, 300])
  })
})

describe("the size of a batch", () => {
  test("grows to four times under a backlog, and never above the most", () => {
    expect([1, 1_000, 1_001, 2_000].map((waiting) => batchSize(waiting))).toEqual([250, 250, 1_000, 1_000])
    expect([1, 400, 401].map((waiting) => batchSize(waiting, 100))).toEqual([100, 100, 400])
    expect([1, 2_000].map((waiting) => batchSize(waiting, mostBatchRecords))).toEqual([mostBatchRecords, mostBatchRecords])
  })
  test("of a setting that is none, or out of bounds, is the default", () => {
    const outside = [leastBatchRecords - 1, mostBatchRecords + 1, 12.5].map(String)
    for (const setting of [undefined, null, "default", "", ...outside]) expect(chosenBatchSize(setting)).toBeUndefined()
    expect([leastBatchRecords, mostBatchRecords].map((records) => chosenBatchSize(String(records)))).toEqual([10, 1_000])
  })
})
