import fc from "fast-check"
import { expect, test } from "vitest"
import { ColdRun, latencyComparisons, processorComparisons } from "../../../loadtest/cold/result.ts"
import { spreadOf } from "../../../loadtest/cold/spread.ts"
import { coldTable } from "../../../loadtest/cold/table.ts"
import { withColdReport } from "../../../loadtest/report/cold-page.ts"

const played = (decisionP95: number, gateway: number, overloaded = false) => ({
  ...{ decision_p50_ms: 40, decision_p95_ms: decisionP95, decision_p99_ms: 900, checkout_p50_ms: 250, checkout_p95_ms: 400 },
  ...{ cpu_seconds: { kafka: 1, gateway }, overloaded },
})
const start = (cold: number, warm: number, overloaded = false) => ({
  ...{ name: "cold" as const, ready_seconds: 12, first: played(cold, 8, overloaded), second: played(warm, 4) },
})
const run = (...results: ReturnType<typeof start>[]) =>
  ColdRun.parse({
    ...{ at: "2026-11-30T10:00:00.000Z", peak_per_second: 1_000, shoppers: 12_000, results },
    machine: { cores: 2, processor: "A processor", memoryMiB: 1_024, node: "v24" },
  })

test("the median lies between the smallest and the largest, and does not depend on the order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const { median, min, max } = spreadOf(values)
      expect(min).toBeLessThanOrEqual(median)
      expect(median).toBeLessThanOrEqual(max)
      expect(spreadOf(values.toReversed())).toEqual({ median, min, max })
    }),
  )
  expect(
    [
      [3, 1, 2],
      [4, 1, 2, 3],
    ].map((values) => spreadOf(values).median),
  ).toEqual([2, 2.5])
  expect(() => spreadOf([])).toThrow("no measurement")
})

test("a ratio is that of one start, and its median is kept with its spread", () => {
  const p95 = latencyComparisons(run(start(200, 100), start(900, 300), start(120, 100))).find(
    ({ figure }) => figure === "decision p95",
  )
  expect(p95).toMatchObject({ first: { median: 200 }, second: { median: 100 }, ratio: { median: 2, min: 1.2, max: 3 } })
})

test("the part that used most comes first", () => {
  expect(processorComparisons(run(start(1, 1))).map(({ figure, ratio }) => [figure, ratio.median])).toEqual([
    ["gateway", 2],
    ["kafka", 1],
  ])
})

test("table and page show the figures, and an overload as one; a second report changes nothing", () => {
  const one = run(start(200, 100), start(400, 100, true), start(300, 100))
  const page = withColdReport(
    "a\n<!-- bench report writes the cold start from here -->\nold\n<!-- the cold start to here -->\nb\n",
    one,
  )
  for (const text of [coldTable(one), page]) {
    expect(text).toMatch(/decision p95.*300 \(200 to 400\).*100.*3\.00 \(2\.00 to 4\.00\)/)
    expect(text.replaceAll("\n", " ")).toContain("The machine was overloaded in 1 of them")
  }
  expect(withColdReport(page, one)).toBe(page)
  expect(coldTable(run(start(1, 1)))).not.toContain("overloaded")
})
