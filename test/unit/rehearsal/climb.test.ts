import fc from "fast-check"
import { expect, test } from "vitest"
import { climb, type ProbeStep, probeRates } from "../../../loadtest/rehearsal/climb.ts"

/** A machine that holds every rate up to its capacity, and answers its capacity above it. `hiccups` fail whatever the rate. */
function machine(capacity: number, hiccups: readonly number[] = []) {
  let played = 0
  return async (offeredPerSecond: number): Promise<ProbeStep> => {
    played += 1
    const held = offeredPerSecond <= capacity && !hiccups.includes(played)
    return { offeredPerSecond, answeredPerSecond: Math.min(offeredPerSecond, capacity), inTimeShare: held ? 1 : 0.3, held }
  }
}

test("the probe finds what a machine carries, whatever that is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5_000 }), async (capacity) => {
      const { carriesPerSecond, isAtLeast } = await climb(machine(capacity))
      const highest = probeRates.at(-1) ?? 0
      expect(isAtLeast).toBe(capacity >= highest)
      expect(carriesPerSecond).toBe(Math.min(capacity, highest))
    }),
  )
})

test("it stops at the first rate that is not held twice, and says which rates it played", async () => {
  const { steps } = await climb(machine(700))
  expect(steps.map(({ offeredPerSecond }) => offeredPerSecond)).toEqual([200, 350, 550, 850, 850])
})

test.each([[[1]], [[3]], [[1, 4]]])("pauses at the steps %j do not end it: a step is repeated", async (hiccups) => {
  expect(await climb(machine(2_000, hiccups))).toMatchObject({ isAtLeast: true })
})

test("a machine that answers more slowly above its limit carries the last rate that it held", async () => {
  const collapsing = async (offeredPerSecond: number): Promise<ProbeStep> => {
    const held = offeredPerSecond <= 550
    return { offeredPerSecond, answeredPerSecond: held ? offeredPerSecond : 200, inTimeShare: held ? 1 : 0, held }
  }
  expect(await climb(collapsing)).toMatchObject({ carriesPerSecond: 550, isAtLeast: false })
})

test("the probe of a machine that carries everything takes at most six seconds of steps", () => {
  expect(probeRates.length * 0.7).toBeLessThan(6)
  expect(probeRates).toEqual(probeRates.toSorted((a, b) => a - b))
})
