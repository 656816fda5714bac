import { expect, test } from "vitest"
import { profileNames } from "../../../loadtest/measure/result.ts"
import { withReport } from "../../../loadtest/report/performance-page.ts"
import { ladderPlot, ratioPlot } from "../../../loadtest/report/plots.ts"
import { textTable } from "../../../loadtest/report/table.ts"
import { contestantsOf } from "../../../loadtest/writer/cases.ts"
import { givenResult, givenRun } from "./given-run.ts"

const run = givenRun([
  givenResult("writer", 20_000, { batch: 1_000 }),
  givenResult("row-lock", 2_000),
  givenResult("optimistic", 700, { attempts: 5, retry_share: 0.8 }),
  givenResult("conditional", 4_000),
])
const page = "# Before\n<!-- bench report writes from here -->\nold\n<!-- to here -->\nafter\n"

test("the report replaces the text between the markers and nothing else; a second run changes nothing", () => {
  const written = withReport(page, run)
  expect(written.startsWith("# Before\n")).toBe(true)
  expect(written.endsWith("\nafter\n")).toBe(true)
  expect(written).not.toContain("old")
  expect(withReport(written, run)).toBe(written)
  expect(() => withReport("# Nothing", run)).toThrow("The page has no")
})

test("lines of prose have at most 130 columns, and a wrapped list item stays one item", () => {
  const machine = { ...run.machine, processor: "A processor with a long name ".repeat(6).trim() }
  const text = withReport(page, { ...run, machine })
  const prose = text.split("\n").filter((line) => !/^[|<]/.test(line))
  expect(prose.filter((line) => line.length > 130)).toEqual([])
  expect(text.replaceAll(/\s+/g, " ")).toContain(machine.processor)
  expect(text).toMatch(/^- Measured: .+\n {2}\S/m)
})

test("the report states the claims beside the results, and what limits the writer", () => {
  const written = withReport(page, run)
  expect(written).toContain("optimistic: 2,000/s, 96 % retries - here 700/s at best; retries by connections: 80 % with 2")
  // 2,000 commits a second of 1,000 decisions each; 20 µs of a core a decision.
  expect(written).toContain("with 1,000 decisions each: 2,000,000/s")
  expect(written).toContain("50,000/s")
})

test("the ladder rises from the slowest to the fastest; the ratios are multiples of the rivals", () => {
  const ladder = ladderPlot(run)
  expect(ladder.indexOf("optimistic")).toBeLessThan(ladder.indexOf("conditional"))
  expect(ladder.indexOf("conditional")).toBeLessThan(ladder.indexOf("writer, batch 1000"))
  expect(ratioPlot(run)).toContain("7.1 x")
})

test("the table has a row for each result", () => {
  expect(textTable(run).split("\n")).toHaveLength(1 + run.results.length)
})

test("a quick run has every contestant and every profile; a selection leaves out the others", () => {
  const names = (quick: boolean) => new Set(contestantsOf({ quick, profiles: [], names: [] }).map(({ name }) => name))
  expect(names(true)).toEqual(names(false))
  const quick = contestantsOf({ quick: true, profiles: [], names: [] })
  expect(new Set(quick.map(({ profile }) => profile))).toEqual(new Set(profileNames))
  const chosen = contestantsOf({ quick: false, profiles: ["mixed"], names: ["writer"] })
  expect(new Set(chosen.map(({ name, profile }) => `${name} ${profile}`))).toEqual(new Set(["writer mixed"]))
})
