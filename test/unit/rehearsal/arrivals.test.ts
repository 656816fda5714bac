import fc from "fast-check"
import { expect, test } from "vitest"
import { arrivalTimes, curveOf, firstPhaseShare } from "../../../loadtest/rehearsal/arrivals.ts"
import { seededRandom } from "../../../loadtest/rehearsal/random.ts"

const crowds = fc.record({ shoppers: fc.integer({ min: 1, max: 5_000 }), peakPerSecond: fc.integer({ min: 1, max: 5_000 }) })
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })

test("all shoppers come, in order, between the opening and the end of the curve", () => {
  fc.assert(
    fc.property(crowds, seeds, (crowd, seed) => {
      const times = arrivalTimes(crowd, seededRandom(seed))
      expect(times).toHaveLength(crowd.shoppers)
      expect([...times]).toEqual([...times].sort((a, b) => a - b))
      expect(times[0]).toBeGreaterThanOrEqual(0)
      expect(times.at(-1)).toBeLessThanOrEqual(curveOf(crowd).endMs)
    }),
  )
})

test("about 80 % come in the first phase, as in the reference sale", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 5_000 }), (seed, peakPerSecond) => {
      const crowd = { shoppers: 10_000, peakPerSecond }
      const { firstPhaseMs } = curveOf(crowd)
      const early = arrivalTimes(crowd, seededRandom(seed)).filter((time) => time < firstPhaseMs).length
      // Six standard deviations of a share of 10,000.
      expect(Math.abs(early / crowd.shoppers - firstPhaseShare)).toBeLessThan(0.024)
    }),
  )
})

test("the rate stays at the peak from the end of the rise to the end of the first phase", () => {
  const crowd = { shoppers: 50_000, peakPerSecond: 1_000 }
  const { riseMs, firstPhaseMs } = curveOf(crowd)
  const onPlateau = arrivalTimes(crowd, seededRandom(1)).filter((time) => time >= riseMs && time < firstPhaseMs).length
  expect((onPlateau * 1_000) / (firstPhaseMs - riseMs)).toBeCloseTo(1_000, -1.5)
})

test("arrivals are random, not evenly spaced: gaps on the plateau vary as those of a Poisson process do", () => {
  const crowd = { shoppers: 20_000, peakPerSecond: 1_000 }
  const { riseMs, firstPhaseMs } = curveOf(crowd)
  const times = [...arrivalTimes(crowd, seededRandom(3))].filter((time) => time >= riseMs && time < firstPhaseMs)
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
  expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1)
})

test("the numbers of the reference sale give its 30 s", () => {
  const seconds = 30
  const shoppers = (25_000 * 0.95 * seconds) / firstPhaseShare
  expect(curveOf({ shoppers, peakPerSecond: 25_000 }).firstPhaseMs).toBeCloseTo(seconds * 1_000)
})

test("the same seed gives the same arrivals, and another seed gives others", () => {
  const crowd = { shoppers: 100, peakPerSecond: 10 }
  expect(arrivalTimes(crowd, seededRandom(5))).toEqual(arrivalTimes(crowd, seededRandom(5)))
  expect(arrivalTimes(crowd, seededRandom(5))).not.toEqual(arrivalTimes(crowd, seededRandom(6)))
})
