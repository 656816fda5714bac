import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { curveOf } from "../../../loadtest/rehearsal/arrivals.ts"
import type { GivenOptions } from "../../../loadtest/rehearsal/settings.ts"
import { needsProbe, peakFor, peakSentence, peakShare, referenceShape, sized } from "../../../loadtest/rehearsal/size.ts"

const given = (size: GivenOptions["size"] = {}): GivenOptions => ({
  url: "http://shop",
  size,
  holdSeconds: 20,
  seed: 1,
  edge: true,
})
const carried = (carriesPerSecond: number, isAtLeast = false) => ({ carriesPerSecond, isAtLeast })
const rate = fc.integer({ min: 0, max: 100_000 })

describe("the peak that a probe chooses", () => {
  test("is 70 % of what the machine carries, within limits", () => {
    fc.assert(
      fc.property(rate, (carries) => {
        const peak = peakFor(carries)
        expect(peak).toBeGreaterThanOrEqual(100)
        expect(peak).toBeLessThanOrEqual(referenceShape.peakPerSecond)
        if (carries >= 150 && peak < referenceShape.peakPerSecond)
          expect(Math.abs(peak - carries * peakShare)).toBeLessThanOrEqual(5.01)
      }),
    )
    expect([740, 1_000, 1_429, 5_000, 0].map(peakFor)).toEqual([520, 700, 1_000, 1_000, 100])
  })

  test("is never lower for a machine that carries more", () => {
    fc.assert(
      fc.property(rate, rate, (a, b) => {
        expect(peakFor(Math.min(a, b))).toBeLessThanOrEqual(peakFor(Math.max(a, b)))
      }),
    )
  })

  test("keeps the reference shape: the sale takes as long, and as many shoppers come for each unit", () => {
    const reference = curveOf(referenceShape)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), (carries) => {
        const options = sized(given(), carried(carries))
        expect(curveOf(options).endMs).toBeCloseTo(reference.endMs, 6)
        expect(options.shoppers / options.stock).toBeCloseTo(12, 6)
      }),
    )
  })

  test("leaves shoppers and units that were given as they are", () => {
    expect(sized(given({ shoppers: 50, stock: 7 }), carried(740))).toMatchObject({ shoppers: 50, stock: 7, peakPerSecond: 520 })
  })
})

describe("without a probe", () => {
  test("a given peak is used as it is, with the shoppers and units of the reference shape", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (peakPerSecond) => {
        const options = given({ peakPerSecond })
        expect(needsProbe(options)).toBe(false)
        expect(sized(options)).toMatchObject({ shoppers: 12_000, stock: 1_000, peakPerSecond })
      }),
    )
  })

  test("a deployed system gets the reference shape", () => {
    const options = { ...given(), tokensFile: "tokens.jsonl" }
    expect(needsProbe(options)).toBe(false)
    expect(sized(options)).toMatchObject(referenceShape)
    expect(needsProbe(given())).toBe(true)
  })
})

test("one sentence says what the machine carries and which peak follows", () => {
  const say = (carries: number, isAtLeast = false) =>
    peakSentence(sized(given(), carried(carries, isAtLeast)), carried(carries, isAtLeast))
  expect(say(740)).toBe("This machine carries about 740 requests a second; the peak is 520.")
  expect(say(1_429, true)).toBe(
    "This machine carries at least 1,429 requests a second; the peak is 1,000, as in the reference shape.",
  )
  expect(peakSentence(sized(given({ peakPerSecond: 2_000 })))).toBe(
    "This machine was not probed; the peak is 2,000 arrivals a second.",
  )
})
