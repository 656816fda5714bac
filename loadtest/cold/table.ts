import { type ColdRun, type Comparison, latencyComparisons, processorComparisons } from "./result.ts"
import { type Spread, spreadOf } from "./spread.ts"

const nameWidth = 28
const cellWidth = 24

const line = (name: string, cells: readonly string[]): string =>
  `${name.padEnd(nameWidth)}${cells.map((cell) => cell.padStart(cellWidth)).join("")}`

/** The median, and the smallest and the largest value if there are several. */
export function spreadText({ median, min, max }: Spread, digits = 0): string {
  const [middle, low, high] = [median, min, max].map((value) => value.toFixed(digits))
  return low === high ? String(middle) : `${middle} (${low} to ${high})`
}

const row = ({ figure, first, second, ratio }: Comparison, digits: number): string =>
  line(figure, [spreadText(first, digits), spreadText(second, digits), spreadText(ratio, 2)])

/** A run for a terminal. */
export function coldTable(run: ColdRun): string {
  const { results, peak_per_second: peak, shoppers } = run
  const overloaded = results.filter(({ first, second }) => first.overloaded || second.overloaded).length
  return [
    `${results.length} starts, peak ${peak} arrivals/s, ${shoppers} shoppers; median (smallest to largest)`,
    `ready after ${spreadText(spreadOf(results.map(({ ready_seconds }) => ready_seconds)), 1)} s`,
    line("latency, ms", ["first rehearsal", "second", "first / second"]),
    ...latencyComparisons(run).map((comparison) => row(comparison, 0)),
    line("processor, s", ["first rehearsal", "second", "first / second"]),
    ...processorComparisons(run).map((comparison) => row(comparison, 1)),
    ...(overloaded === 0 ? [] : [`The machine was overloaded in ${overloaded} of them: those latencies show the overload.`]),
  ].join("\n")
}
