import { describe, expect, test } from "vitest"
import { plannedCycle, spike, writerQueue } from "../../lib/capacity/writer-queue.ts"
import { seeded } from "./seeded.ts"

const cycle = { ...plannedCycle, batchRecords: 2_000 }

/** Gamma distributed with a whole shape: a sum of exponentials. */
const gamma = (random: () => number, shape: number, mean: number) =>
  Array.from({ length: shape }, () => -Math.log(1 - random())).reduce((total, part) => total + part, 0) * (mean / shape)

/** Simulates the queue: records arrive at random, a delivery takes waiting records up to its size, cycle times vary. In ms. */
function simulate(recordsPerSecond: number, records: number, seed: number): number[] {
  const random = seeded(seed)
  const shape = Math.round(1 / cycle.variation ** 2)
  let nextMs = 0
  const arrivalsMs = Array.from({ length: records }, () => {
    nextMs -= (Math.log(1 - random()) * 1_000) / recordsPerSecond
    return nextMs
  })
  const waitsMs: number[] = []
  let nowMs = 0
  for (let next = 0; next < records; ) {
    nowMs = Math.max(nowMs, arrivalsMs[next] ?? 0)
    let taken = 0
    while (taken < cycle.batchRecords && (arrivalsMs[next] ?? Number.POSITIVE_INFINITY) <= nowMs) {
      waitsMs.push(nowMs - (arrivalsMs[next] ?? 0))
      next += 1
      taken += 1
    }
    nowMs += gamma(random, shape, cycle.fixedMs + taken * cycle.msPerRecord)
  }
  return waitsMs.sort((a, b) => a - b)
}

describe("the model agrees with a simulation of the queue", () => {
  test.each([1_000, 5_000, 15_000, 22_000])("at %i records/s, within 15 %%", (recordsPerSecond) => {
    const waits = simulate(recordsPerSecond, 400_000, 7)
    const { waitMs } = writerQueue(recordsPerSecond, cycle)
    for (const [share, predicted] of [
      [0.5, waitMs?.p50],
      [0.95, waitMs?.p95],
      [0.99, waitMs?.p99],
    ] as const) {
      const measured = waits[Math.floor(waits.length * share)] ?? 0
      expect(Math.abs((predicted ?? 0) - measured) / measured).toBeLessThan(0.15)
    }
  })
})

test("a full delivery takes the time that the design plans", () => {
  const fullCycleMs = cycle.fixedMs + cycle.batchRecords * cycle.msPerRecord
  expect(fullCycleMs).toBeGreaterThanOrEqual(60)
  expect(fullCycleMs).toBeLessThanOrEqual(80)
})

test("the model gives no wait for a rate above the capacity of full deliveries", () => {
  const { mostRecordsPerSecond } = writerQueue(1, cycle)
  expect(writerQueue(mostRecordsPerSecond * 0.999, cycle).waitMs).toBeDefined()
  expect(writerQueue(mostRecordsPerSecond, cycle).waitMs).toBeUndefined()
  expect(writerQueue(mostRecordsPerSecond, cycle).occupancy).toBe(1)
})

test("the wait grows with the rate, and the decision comes after the wait", () => {
  const rates = [100, 5_000, 10_000, 20_000, 25_000]
  const p95s = rates.map((rate) => writerQueue(rate, cycle).waitMs?.p95 ?? 0)
  expect(p95s).toEqual([...p95s].sort((a, b) => a - b))
  const { waitMs, decisionMs, cycleMs } = writerQueue(25_000, cycle)
  expect(decisionMs?.p95).toBeCloseTo((waitMs?.p95 ?? 0) + cycleMs)
})

describe("a spike ends when admission knows that the stock is sold out", () => {
  test("the queue is one cycle long if the writer keeps up", () => {
    const { records, longestLine } = spike(25_000, 10_000, cycle)
    const { cycleMs } = writerQueue(25_000, cycle)
    expect(longestLine).toBe(Math.ceil((25_000 / 1_000) * cycleMs))
    expect(records).toBe(10_000 + longestLine)
  })

  test("a queue that is too fast for the writer grows only until the units are sold", () => {
    const { records, longestLine, lastWinnerMs } = spike(100_000, 10_000, cycle)
    expect(records).toBeGreaterThan(35_000)
    expect(longestLine).toBeLessThan(records)
    expect(lastWinnerMs).toBeGreaterThan(250)
    expect(lastWinnerMs).toBeLessThan(500)
  })
})
