import fc from "fast-check"
import { expect, test } from "vitest"
import { longestRestMs, needsWarmth, type SaleNow } from "../../../core/domain/warm-window.ts"

const minute = 60_000
const limits = { beforeMs: 30 * minute, afterMs: 5 * minute }
const needed = (sale: Partial<SaleNow>) =>
  needsWarmth({ status: "draft", opensInMs: undefined, closesInMs: undefined, atRestMs: 0, ...sale }, limits)

const ms = fc.integer({ min: -10 * longestRestMs, max: 10 * longestRestMs })
const rest = fc.option(fc.integer({ min: 0, max: 10 * longestRestMs }), { nil: undefined })
const time = fc.option(ms, { nil: undefined })

test("a sale is warmed half an hour before it opens, and not earlier", () => {
  expect(needed({ opensInMs: 30 * minute })).toBe(true)
  expect(needed({ opensInMs: 30 * minute + 1 })).toBe(false)
  expect(needed({ opensInMs: undefined })).toBe(false)
})

test("a sale that an operator opens outside of any calendar is warm while it sells", () => {
  expect(needed({ status: "open", atRestMs: undefined })).toBe(true)
  expect(needed({ status: "open", opensInMs: 3 * 24 * 60 * minute, atRestMs: undefined })).toBe(true)
})

test("nothing releases a sale in which a unit is held or somebody waits, whatever its times are", () => {
  fc.assert(
    fc.property(time, time, fc.constantFrom("open" as const, "closed" as const), (opensInMs, closesInMs, status) => {
      expect(needed({ status, opensInMs, closesInMs, atRestMs: undefined })).toBe(true)
    }),
  )
})

test("a closed sale at rest needs nothing, and neither does one that its time has closed", () => {
  fc.assert(
    fc.property(time, time, fc.integer({ min: 0, max: 10 * longestRestMs }), (opensInMs, closesInMs, atRestMs) => {
      expect(needed({ status: "closed", opensInMs, closesInMs, atRestMs })).toBe(false)
      expect(needed({ status: "open", opensInMs, closesInMs: -5 * minute, atRestMs })).toBe(false)
    }),
  )
})

test("an open sale that has been at rest for an hour lets the environments go, unless it opened within that hour", () => {
  expect(needed({ status: "open", atRestMs: longestRestMs - 1 })).toBe(true)
  expect(needed({ status: "open", atRestMs: longestRestMs })).toBe(false)
  expect(needed({ status: "open", opensInMs: -longestRestMs + 1, atRestMs: 3 * longestRestMs })).toBe(true)
})

test("a later closing time never takes environments away", () => {
  fc.assert(
    fc.property(time, ms, fc.nat(longestRestMs), rest, fc.constantFrom("draft" as const, "open" as const), (...given) => {
      const [opensInMs, closesInMs, laterMs, atRestMs, status] = given
      const sale = { status, opensInMs, atRestMs }
      if (needed({ ...sale, closesInMs })) expect(needed({ ...sale, closesInMs: closesInMs + laterMs })).toBe(true)
    }),
  )
})
