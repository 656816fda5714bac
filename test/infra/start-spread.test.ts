import fc from "fast-check"
import { expect, test } from "vitest"
import { startSpreadMs, warmStartSpreadMs } from "../../lib/capacity/start-spread.ts"
import { stages } from "../../lib/stages.ts"
import { prodWith } from "./edited-stage.ts"
import { functionOf } from "./functions.ts"
import { seeded } from "./seeded.ts"
import { managed } from "./stage-edits.ts"

const connections = fc.integer({ min: 0, max: 20_000 })
const limit = fc.integer({ min: 1, max: 1_000 })

test("starts that fit into one planned second do not wait, nor does anything without a limit", () => {
  fc.assert(fc.property(limit, (perSecond) => startSpreadMs(Math.floor(perSecond / 2), perSecond) === 0))
  fc.assert(fc.property(connections, (count) => startSpreadMs(count, Number.POSITIVE_INFINITY) === 0))
})

test("otherwise they come at half of the limit on average, and more of them take longer", () => {
  fc.assert(
    fc.property(connections, limit, (count, perSecond) => {
      const spreadMs = startSpreadMs(count, perSecond)
      expect(startSpreadMs(count + 1, perSecond)).toBeGreaterThanOrEqual(spreadMs)
      if (spreadMs > 0) expect((1_000 * count) / spreadMs).toBeLessThanOrEqual(perSecond / 2)
    }),
  )
})

/** The most connections in any second, when each start makes four at a random moment of the time. @param random 0 to 1 */
function worstSecond(starts: number, spreadMs: number, random: () => number): number {
  const times = Array.from({ length: starts }, () => random() * spreadMs).sort((a, b) => a - b)
  let [worst, from] = [0, 0]
  times.forEach((time, index) => {
    while (time - (times[from] ?? 0) >= 1_000) from += 1
    worst = Math.max(worst, 4 * (index - from + 1))
  })
  return worst
}

test("no second of a start has more connections than a broker admits; without the spread the first one has them all", () => {
  const starts = 132
  const spreadMs = startSpreadMs(4 * starts, 100)
  const worst = Array.from({ length: 200 }, (_, seed) => worstSecond(starts, spreadMs, seeded(seed)))
  expect(worst.filter((count) => count > 100).length).toBeLessThanOrEqual(10)
  expect(Math.max(...worst)).toBeLessThanOrEqual(120)
  expect(worstSecond(starts, 0, seeded(1))).toBe(4 * starts)
})

test("the time of a stage grows with its environments and their threads, and a stage that warms nothing has none", () => {
  const spread = (minimum: number) => warmStartSpreadMs(prodWith((stage) => managed(stage, minimum, minimum)))
  expect(spread(400)).toBe(64_000)
  expect(spread(600)).toBe(96_000)
  expect(warmStartSpreadMs(stages.dev)).toBe(0)
})

test("the functions that are warmed have the time, and no other function waits", () => {
  for (const folder of ["reserve", "batch-writer", "checkout"])
    expect(functionOf(folder).Environment?.Variables.WARM_UP_SPREAD_MS).toBe(String(warmStartSpreadMs(stages.prod)))
  expect(functionOf("admin").Environment?.Variables).not.toHaveProperty("WARM_UP_SPREAD_MS")
})
