import fc from "fast-check"
import { expect, test } from "vitest"
import { isSteady, steadyLimits, untilSteady } from "../../../core/runtime/warm-up/until-steady.ts"

/** Runs rounds with these costs; the last one repeats. */
async function run(costs: readonly number[], longestMs = 10_000): Promise<number[]> {
  let spent = 0
  let round = 0
  return untilSteady(
    async () => {
      spent += costs[Math.min(round, costs.length - 1)] ?? 0
      round += 1
    },
    { ...steadyLimits, longestMs },
    () => spent,
  )
}

test("rounds that get faster go on, and end two rounds after the fastest", async () => {
  expect(await run([100, 80, 60, 45, 30, 20, 20, 20])).toEqual([100, 80, 60, 45, 30, 20, 20, 20])
})

test("a slow round among faster ones does not end the warm-up", async () => {
  expect(await run([100, 80, 90, 60, 40, 40, 40])).toEqual([100, 80, 90, 60, 40, 40, 40])
})

test("costs that fall by less than a twentieth count as steady, whatever their unit", () => {
  const costs = fc.array(fc.double({ min: 1, max: 1_000, noNaN: true }), { minLength: 4, maxLength: 30 })
  fc.assert(
    fc.property(costs, fc.double({ min: 0.001, max: 1_000, noNaN: true }), (some, unit) => {
      const fastest = Math.min(...some.slice(0, -2))
      const rest = some.slice(0, -2)
      expect(isSteady([...rest, fastest, fastest], { ...steadyLimits, leastRounds: 3 })).toBe(true)
      expect(
        isSteady(
          [...rest, fastest, fastest * 0.9].map((cost) => cost * unit),
          steadyLimits,
        ),
      ).toBe(false)
    }),
  )
})

test("a warm-up that never becomes steady ends in time, after one round at least", async () => {
  const falling = Array.from({ length: 10_000 }, (_, index) => 10_000 * 0.9 ** index)
  expect(await run(falling, 0)).toHaveLength(1)
  expect((await run(falling, 20)).length).toBeGreaterThan(1)
})
