import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { expect, test } from "vitest"
import { PathRun, type StepResult } from "../../../loadtest/path/result.ts"
import { keepRun, keptRuns, kindOf } from "../../../loadtest/report/kept.ts"
import { kneeChanges, kneeSentence, laddersOf } from "../../../loadtest/report/knees.ts"
import { withPathReport } from "../../../loadtest/report/path-page.ts"
import { pathLadderPlot } from "../../../loadtest/report/path-plot.ts"
import { withReport } from "../../../loadtest/report/performance-page.ts"
import { givenResult, givenRun } from "./given-run.ts"

const step = (rate: number, p95: number, more: Partial<StepResult> = {}): StepResult => ({
  ...{ name: "path", profile: "reserve-ladder", layout: "shared", rate_offered: rate, per_second: rate, held: p95 <= 120 },
  ...{ p50_ms: p95 / 2, p95_ms: p95, p99_ms: p95 * 2, max_ms: p95 * 3, sent: 15 * rate, good: 15 * rate, others: {} },
  stages: { admit: { mean_ms: 1, p50_ms: 2, p95_ms: 3, p99_ms: 4 } },
  cpu_by_part: { kafka: 0.3, gateway: 0.5, "gateway-2": 0.4, "payment-provider": 0 },
  ...{ per_gateway_core: 700, generator_late_ms: 5 },
  ...more,
})
const runOf = (...results: StepResult[]): PathRun =>
  PathRun.parse({
    at: "2026-11-21T10:00:00.000Z",
    machine: { cores: 2, processor: "A processor", memoryMiB: 1_024, node: "v24" },
    results,
  })
const sentences = (...results: StepResult[]) => laddersOf(runOf(...results)).map(kneeSentence)

const run = runOf(
  step(500, 60),
  step(1_000, 400, { others: { '202 "status":"QUEUED" a|b': 7 } }),
  step(500, 90, { layout: "pinned" }),
)
const writerPart = "<!-- bench report writes from here -->\nold writer\n<!-- to here -->\n"
const pathPart = "<!-- bench report writes the path from here -->\nold path\n<!-- the path to here -->\n"
const page = `# Before\n${writerPart}between\n${pathPart}after\n`

test("the knee is the highest rate held; the sentence names each doubt about it", () => {
  expect(sentences(step(500, 60), step(1_000, 110), step(1_500, 300))).toEqual([
    "reserve-ladder, shared: the highest rate held at p95 <= 120 ms is 1,000/s (p95 110 ms); the next, 1,500/s, was not held.",
  ])
  expect(sentences(step(500, 60))[0]).toContain("the knee may be higher")
  expect(sentences(step(500, 147), step(800, 83), step(1_200, 189))[0]).toContain("is 800/s (p95 83 ms)")
  expect(sentences(step(500, 147), step(800, 83), step(1_200, 189))[0]).toContain("below it 500/s failed")
  expect(sentences(step(500, 147))[0]).toContain("no rate was held")
})

test("each part of the page is written without touching the other; a second run changes nothing", () => {
  const written = withPathReport(page, run)
  expect(written.startsWith(`# Before\n${writerPart}between\n`)).toBe(true)
  expect(written.endsWith("\nafter\n")).toBe(true)
  expect(written).not.toContain("old path")
  expect(withPathReport(written, run)).toBe(written)
  const rivals = [givenResult("row-lock", 1), givenResult("conditional", 1)]
  expect(withReport(written, givenRun([givenResult("writer", 2), ...rivals]))).toContain(written.split("between")[1])
  expect(() => withPathReport("# Nothing", run)).toThrow("The page has no")
})

test("a ladder has a table with a row for each rate, and an answer's name cannot break it", () => {
  const written = withPathReport(page, run)
  expect(written).toContain("### reserve-ladder, shared")
  expect(written).toContain("### reserve-ladder, pinned")
  expect(written).toContain("processes that serve the API: 2; a step takes 15 s")
  const rows = written.split("\n").filter((line) => /^\| [\d,]+ \|/.test(line))
  expect(rows).toHaveLength(3)
  expect(new Set(rows.map((row) => row.split("|").length))).toEqual(new Set([12]))
  expect(rows[0]).toContain("| admit 1.0 / 3.0 | gateway 0.50, gateway-2 0.40, kafka 0.30 |")
  expect(rows[1]).toContain('no; 7 x 202 "status":"QUEUED" a b')
})

test("the plot rises with latency, and marks the target and the rates that were not held; without reservations there is none", () => {
  const plot = pathLadderPlot(run) ?? ""
  expect(plot).toContain("p95 target, 120 ms")
  for (const label of ["p95, shared", "p50, shared", "p95, pinned", "p50, pinned"]) expect(plot).toContain(`>${label}<`)
  // ECharts draws a point as a circle of radius 1 that a matrix moves to its place.
  const points = plot.matchAll(/<path d="M1 0A1[^>]* transform="matrix\(4,0,0,4,([^,]+),([^)]+)\)" fill="(\S+)"/g)
  const circles = [...points].map(([, x, y, fill]) => ({ x, y, fill }))
  expect(circles).toHaveLength(6)
  expect(Number(circles[1]?.y)).toBeLessThan(Number(circles[0]?.y))
  expect(circles.filter(({ fill }) => fill === "white")).toHaveLength(2)
  expect(pathLadderPlot(runOf(step(500, 20, { profile: "sold-out" })))).toBeUndefined()
})

test("a kept run of the path is distinguished from one of the writer, and is read back unchanged", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-results-"))
  try {
    const files = [keepRun("path", run, folder), keepRun("writer", givenRun([givenResult("writer", 2)]), folder)]
    expect(files.map((file) => basename(file))).toEqual(["2026-11-21T100000Z-path.json", "2026-11-20T100000Z-writer.json"])
    expect(files.map(kindOf)).toEqual(["path", "writer"])
    expect(keptRuns("path", folder)).toEqual([run])
    expect(keptRuns("writer", folder)).toHaveLength(1)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("knees are compared ladder by ladder; a new ladder is left out", () => {
  const later = runOf(step(1_000, 80), step(2_000, 90, { layout: "pinned" }), step(50, 20, { profile: "checkout" }))
  expect(kneeChanges(run, later)).toEqual([
    "reserve-ladder, shared: 500/s (700 per gateway core) -> 1,000/s (700 per gateway core)",
    "reserve-ladder, pinned: 500/s (700 per gateway core) -> 2,000/s (700 per gateway core)",
  ])
})
