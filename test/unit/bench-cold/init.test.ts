import fc from "fast-check"
import { expect, test } from "vitest"
import { atShare, coreShareOf, InitRun, type Span } from "../../../loadtest/init/result.ts"
import { initRows, initTable } from "../../../loadtest/init/table.ts"
import { withInitReport } from "../../../loadtest/report/init-page.ts"

const span = (ms: number, cpuMs = ms): Span => ({ ms, cpu_ms: cpuMs })
const environment = (warm_up: "on" | "off", firstMs: number) => ({
  ...{ name: "init" as const, function: "checkout" as const, warm_up, memory_mb: 1_769, core_share: 1 },
  ...{ import: span(100), open: span(20, 5), warm: span(30, 5), requests: { 1: span(firstMs), 10: span(10), 100: span(2) } },
})
const run = InitRun.parse({
  at: "2026-11-30T10:00:00.000Z",
  machine: { cores: 2, processor: "A processor", memoryMiB: 1_024, node: "v24" },
  results: [environment("off", 80), environment("on", 9), environment("off", 100), environment("on", 11), environment("off", 90)],
})

test("a whole core changes no time; a part of one lets the processor time last longer, and leaves waits as they are", () => {
  const ms = fc.double({ min: 0, max: 10_000, noNaN: true })
  fc.assert(
    fc.property(ms, ms, fc.integer({ min: 128, max: 10_240 }), (all, cpu, memoryMb) => {
      const share = coreShareOf(memoryMb)
      expect(share).toBeLessThanOrEqual(1)
      expect(atShare(span(all, cpu), 1)).toBe(all)
      expect(atShare(span(all, cpu), share)).toBeGreaterThanOrEqual(all)
      expect(atShare(span(all, 0), share)).toBe(all)
    }),
  )
  expect(atShare(span(30, 10), 0.5)).toBe(40)
})

test("a row has the medians of the environments with its setting; a request that was not made is a dash", () => {
  expect(initRows(run)).toMatchObject([
    { name: "checkout", warmUp: "off", initMs: 150, requestsMs: [90, 10, 2, undefined] },
    { name: "checkout", warmUp: "on", initMs: 150, requestsMs: [10, 10, 2, undefined] },
  ])
  expect(initTable(run)).toMatch(/checkout +off +1769 +1\.00 +150 +90\.0 +10\.0 +2\.0 +-\n/)
})

test("the page says what was imitated; a second report changes nothing", () => {
  const page = "a\n<!-- bench report writes the environments from here -->\nold\n<!-- the environments to here -->\nb\n"
  const written = withInitReport(page, run)
  expect(written).toContain("| checkout | off | 1769 | 1.00 | 150 | 90.0 | 10.0 | 2.0 | - |")
  expect(written.replaceAll("\n", " ")).toContain("on one core of its own")
  expect(withInitReport(written, run)).toBe(written)
})
