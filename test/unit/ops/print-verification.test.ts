import { afterEach, beforeEach, expect, type MockInstance, test, vi } from "vitest"
import type { SaleVerification } from "../../../core/contracts/operations/verification.ts"
import { printVerification } from "../../../ops/print-verification.ts"

let log: MockInstance
beforeEach(() => {
  log = vi.spyOn(console, "log").mockImplementation(() => {})
})
afterEach(() => log.mockRestore())

function printed(verification: SaleVerification, format: { json?: boolean; all?: boolean } = {}): string[] {
  log.mockClear()
  printVerification(verification, { json: false, all: false, ...format })
  return String(log.mock.calls[0]?.[0]).split("\n")
}

/** A thousand SKUs of which two have sold. */
const quiet: SaleVerification = {
  ok: true,
  entries: 1_234,
  decisions: 567,
  fullestBySku: { ...Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [index + 1, 0])), 7: 0.25, 12: 1 },
  violations: [],
}

test("a verification of a thousand SKUs is a summary and a line for each that is not idle", () => {
  expect(printed(quiet)).toEqual([
    "ledger entries  1234",
    "decisions       567",
    "SKUs            1000, idle: 998 (--all lists each)",
    "fullest         SKU 12, 100.00 % of its stock",
    "SKU 7           at its fullest 25.00 % of its stock was held or sold",
    "SKU 12          at its fullest 100.00 % of its stock was held or sold",
    "verified: nothing was oversold at any point, every invariant holds",
  ])
})

test("an idle SKU with a violation has a line, and each violation has one, too", () => {
  const violations = ["SKU 44 seq 3: the ledger has a gap", "counters: the counters of SKU lamp are not its decisions"]
  const lines = printed({ ...quiet, ok: false, violations })
  expect(lines).toContain("SKU 44          at its fullest 0.00 % of its stock was held or sold")
  expect(lines).not.toContain(expect.stringMatching(/^SKU 4 /))
  expect(lines.slice(-3)).toEqual([...violations.map((violation) => `VIOLATION       ${violation}`), "NOT VERIFIED"])
})

test("--all prints each SKU, and --json everything in one document", () => {
  const all = printed(quiet, { all: true })
  expect(all.filter((line) => line.startsWith("SKU "))).toHaveLength(1_000)
  expect(all[2]).toBe("SKUs            1000, idle: 998")
  expect(JSON.parse(printed(quiet, { json: true })[0] ?? "")).toEqual(quiet)
})

test("the summary says when nothing was ever held in a sale", () => {
  expect(printed({ ...quiet, fullestBySku: { 1: 0 } })).toContain("fullest         no unit was ever held or sold")
})
