import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { beginningsOf, inIntervals, maxWindowMs, momentOf, searchedWindow, windowAround } from "../../../ops/report/window.ts"

const now = Date.parse("2026-11-27T12:00:00Z")

describe("a moment", () => {
  test.each([
    ["2026-11-27T09:00:00Z", "2026-11-27T09:00:00.000Z"],
    ["2026-11-27T09:00+01:00", "2026-11-27T08:00:00.000Z"],
    ["-90m", "2026-11-27T10:30:00.000Z"],
    ["-2h", "2026-11-27T10:00:00.000Z"],
    ["-1d", "2026-11-26T12:00:00.000Z"],
    ["now", "2026-11-27T12:00:00.000Z"],
  ])("%s is %s", (text, moment) => {
    expect(new Date(momentOf(text, "--from", now)).toISOString()).toBe(moment)
  })

  test.each(["yesterday", "2026-11-27", "2026-11-27T09:00:00", "2h", "-2w", "2026-13-01T00:00:00Z", ""])(
    "%j is none, and the error says what to give",
    (text) => {
      expect(() => momentOf(text, "--from", now)).toThrow(/--from .*is no moment\. Give a time as 2026-11-27T09:00:00Z.*-2h/)
    },
  )
})

describe("a window", () => {
  test("is the last 24 h without options, and does not go beyond now", () => {
    expect(searchedWindow({}, now)).toEqual({ fromMs: now - maxWindowMs, toMs: now })
    expect(searchedWindow({ from: "-1h", to: "2026-11-27T13:00:00Z" }, now)).toEqual({ fromMs: now - 3_600_000, toMs: now })
  })

  test.each([
    [{ from: "-1h", to: "-2h" }, "Exchange them"],
    [{ from: "2026-11-27T12:00:00Z", to: "2026-11-27T12:00:00Z" }, "is not before"],
    [{ from: "2026-11-27T12:30:00Z", to: "2026-11-27T13:00:00Z" }, "in the future"],
    [{ from: "-25h" }, "longer than 24 h"],
  ])("%j is refused: %s", (options, reason) => {
    expect(() => searchedWindow(options, now)).toThrow(reason)
  })

  test("around sales begins before the first opening and ends after the last entry", () => {
    const sales = [
      { opened_at: "2026-11-27T09:00:00Z", last_entry_at: "2026-11-27T09:20:00Z" },
      { opened_at: "2026-11-27T08:00:00Z", last_entry_at: "2026-11-27T08:30:00Z" },
    ]
    const { fromMs, toMs } = windowAround(sales, { fromMs: 0, toMs: now }, now)
    expect([fromMs, toMs].map((ms) => new Date(ms).toISOString())).toEqual([
      "2026-11-27T07:58:00.000Z",
      "2026-11-27T09:22:00.000Z",
    ])
  })

  test("is cut into at most 288 whole intervals that cover it, none shorter than the history has", () => {
    const lengths = fc.tuple(
      fc.integer({ min: 1, max: maxWindowMs }),
      fc.integer({ min: 0, max: now }),
      fc.constantFrom(10, 60, 300),
    )
    fc.assert(
      fc.property(lengths, ([lengthMs, fromMs, leastSeconds]) => {
        const window = inIntervals({ fromMs, toMs: fromMs + lengthMs }, leastSeconds)
        const beginnings = beginningsOf(window)
        expect(window.intervalSeconds).toBeGreaterThanOrEqual(leastSeconds)
        expect(beginnings.length).toBeLessThanOrEqual(288)
        expect(window.fromMs % (window.intervalSeconds * 1_000)).toBe(0)
        expect(window.fromMs).toBeLessThanOrEqual(fromMs)
        // A day that begins within an interval has one more: the part of it that does not fit is less than an interval.
        expect(window.toMs).toBeGreaterThan(fromMs + lengthMs - window.intervalSeconds * 1_000)
      }),
    )
  })
})
