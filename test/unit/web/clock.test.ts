import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Clock, isJump, observe, offsetMsOf, uncertaintyMsOf, unmeasured } from "../../../web/src/machine/clock.ts"

const second = 1_000
const baseMs = Date.parse("2026-11-27T09:00:00Z")

interface Exchange {
  readonly startMs: number
  readonly thereMs: number
  readonly backMs: number
  readonly cachedMs: number | undefined
}

const exchange: fc.Arbitrary<Exchange> = fc.record({
  startMs: fc.integer({ min: 0, max: 600_000 }),
  thereMs: fc.integer({ min: 1, max: 800 }),
  backMs: fc.integer({ min: 1, max: 800 }),
  cachedMs: fc.option(fc.integer({ min: 0, max: 6_000 }), { nil: undefined }),
})

/** What the device reads of an exchange with a server that is ahead by `aheadMs`. */
function readingOf({ startMs, thereMs, backMs, cachedMs }: Exchange, aheadMs: number) {
  const serverMs = baseMs + startMs + thereMs + aheadMs
  const madeMs = serverMs - (cachedMs ?? 0)
  return {
    sentMs: baseMs + startMs,
    receivedMs: baseMs + startMs + thereMs + backMs,
    dateMs: Math.floor(madeMs / second) * second,
    ...(cachedMs !== undefined && { ageSeconds: Math.floor(cachedMs / second) }),
  }
}

describe("the server's clock", () => {
  const ahead = fc.integer({ min: -7_200_000, max: 7_200_000 })

  test("is within the measured bounds, whatever the device's clock says", () => {
    fc.assert(
      fc.property(fc.array(exchange, { minLength: 1, maxLength: 20 }), ahead, (exchanges, aheadMs) => {
        const ordered = exchanges.sort((a, b) => a.startMs - b.startMs)
        const clock = ordered.reduce<Clock>((known, one) => observe(known, readingOf(one, aheadMs)), unmeasured)
        expect(Math.abs(offsetMsOf(clock) - aheadMs)).toBeLessThanOrEqual(uncertaintyMsOf(clock) + 1)
      }),
    )
  })

  test("is known better after several answers than after one", () => {
    const quick = (startMs: number): Exchange => ({ startMs, thereMs: 20, backMs: 20, cachedMs: undefined })
    const one = observe(unmeasured, readingOf(quick(100), 3_600_000))
    const many = [100, 1_350, 2_600, 3_850, 5_990].reduce<Clock>(
      (known, at) => observe(known, readingOf(quick(at), 3_600_000)),
      unmeasured,
    )
    expect(uncertaintyMsOf(many)).toBeLessThan(uncertaintyMsOf(one) / 2)
    expect(Math.abs(offsetMsOf(many) - 3_600_000)).toBeLessThan(300)
  })

  test("is measured anew when the device's clock is set", () => {
    const before = observe(unmeasured, readingOf({ startMs: 0, thereMs: 20, backMs: 20, cachedMs: undefined }, 0))
    const after = observe(before, readingOf({ startMs: 5_000, thereMs: 20, backMs: 20, cachedMs: undefined }, -3_600_000))
    expect(Math.abs(offsetMsOf(after) + 3_600_000)).toBeLessThan(1_100)
  })

  test("is not the time at which a cache made an answer", () => {
    const clock = observe(unmeasured, readingOf({ startMs: 0, thereMs: 5, backMs: 5, cachedMs: 5_500 }, 0))
    expect(Math.abs(offsetMsOf(clock))).toBeLessThan(1_100)
  })

  test("is at least the moment that the database's clock has passed", () => {
    const reading = { sentMs: baseMs, receivedMs: baseMs + 40, dateMs: baseMs, asOfMs: baseMs + 900 }
    expect(observe(unmeasured, reading).bounds?.loMs).toBe(860)
  })

  test("stays unknown without a date", () => {
    expect(observe(unmeasured, { sentMs: 0, receivedMs: 5 })).toBe(unmeasured)
    expect(uncertaintyMsOf(unmeasured)).toBe(Number.POSITIVE_INFINITY)
  })
})

test("a device that slept, or whose clock was set, is noticed", () => {
  expect(isJump(1_000, 1_001)).toBe(false)
  expect(isJump(600_000, 1_000)).toBe(true)
  expect(isJump(-3_600_000, 1_000)).toBe(true)
})
