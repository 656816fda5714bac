import { type ColdRun, type Comparison, latencyComparisons, processorComparisons } from "../cold/result.ts"
import { spreadOf } from "../cold/spread.ts"
import { spreadText } from "../cold/table.ts"
import { withSection } from "./page-section.ts"
import { type Column, markdownOf, number } from "./table.ts"

const markers = { begin: "<!-- bench report writes the cold start from here -->", end: "<!-- the cold start to here -->" }

const columns = (what: string, digits: number): readonly Column<Comparison>[] => [
  [what, ({ figure }) => figure, "left"],
  ["first rehearsal", ({ first }) => spreadText(first, digits)],
  ["second", ({ second }) => spreadText(second, digits)],
  ["first / second", ({ ratio }) => spreadText(ratio, 2)],
]

/** Puts the results of a run of cold starts between their markers of the page. @throws Error when the markers are missing */
export const withColdReport = (page: string, run: ColdRun): string => withSection(page, markers, reportOf(run))

function reportOf(run: ColdRun): string {
  const { at, machine, results, peak_per_second: peak, shoppers } = run
  const overloaded = results.filter(({ first, second }) => first.overloaded || second.overloaded).length
  const doubt = overloaded === 0 ? "" : ` The machine was overloaded in ${overloaded} of them: those latencies show the overload.`
  return [
    `Measured on ${at.slice(0, 10)}: ${machine.cores} cores (${machine.processor}), ${machine.memoryMiB} MiB, Node ${machine.node}; ${results.length} starts, ${number(shoppers)} shoppers, up to ${number(peak)} arrivals/s, load generator included. Ready after ${spreadText(spreadOf(results.map(({ ready_seconds }) => ready_seconds)), 1)} s.${doubt}`,
    markdownOf(columns("latency, ms", 0), latencyComparisons(run)),
    markdownOf(columns("processor, s", 1), processorComparisons(run)),
    "Each figure is the median of the starts, and the smallest and largest in brackets. A ratio is that of one start.",
  ].join("\n\n")
}
