import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { createMeter } from "../../../loadtest/measure/meter.ts"
import { Result, withBest } from "../../../loadtest/measure/result.ts"
import { keepRun, keptRuns } from "../../../loadtest/report/kept.ts"
import { givenResult, givenRun } from "./given-run.ts"

const idle = { serverPids: async () => [] }

test("percentiles are those of the latencies, to three digits", () => {
  const meter = createMeter()
  for (let ms = 1; ms <= 1_000; ms += 1) meter.latency(ms)
  const { p50Ms, p95Ms, p99Ms } = meter.measured.latency
  for (const [found, expected] of [
    [p50Ms, 500],
    [p95Ms, 950],
    [p99Ms, 990],
  ] as const) {
    expect(Math.abs(found - expected) / expected).toBeLessThan(0.001)
  }
})

test("only what happens inside a timed stretch takes time, and each round counts for itself", async () => {
  const meter = createMeter()
  await meter.timed(idle, async () => meter.decided(10))
  const afterOne = meter.roundSeconds
  meter.endRound()
  expect(meter.roundSeconds).toBe(0)
  await meter.timed(idle, async () => meter.decided(30))
  meter.endRound()
  const { decisions, seconds, roundsPerSecond } = meter.measured
  expect(decisions).toBe(40)
  expect(seconds).toBeGreaterThan(afterOne)
  expect(roundsPerSecond[0]).toBeCloseTo(10 / afterOne)
  expect(roundsPerSecond[1]).toBeCloseTo(30 / (seconds - afterOne))
})

test("the best of a contestant on a profile is marked, once", () => {
  const marked = withBest([
    givenResult("row-lock", 100, { connections: 1 }),
    givenResult("row-lock", 300, { connections: 2 }),
    givenResult("row-lock", 900, { connections: 2, profile: "refused-only" }),
    givenResult("conditional", 50),
  ])
  expect(marked.map(({ best }) => best)).toEqual([false, true, true, true])
})

test("a result with an unknown name, profile or field is refused", () => {
  const result = givenResult("writer", 1)
  expect(Result.safeParse(result).success).toBe(true)
  for (const wrong of [
    { name: "fast-writer" },
    { profile: "easy" },
    { faster: true },
    { per_second: 0 },
    { p95_ms: undefined },
  ]) {
    expect(Result.safeParse({ ...result, ...wrong }).success).toBe(false)
  }
})

test("kept runs come back whole and in the order of their dates", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-results-"))
  try {
    const later = givenRun([givenResult("writer", 2)])
    const earlier = { ...later, at: "2026-11-19T10:00:00.000Z" }
    keepRun("writer", later, folder)
    keepRun("writer", earlier, folder)
    expect(keptRuns("writer", folder)).toEqual([earlier, later])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
