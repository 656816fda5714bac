import type { Run } from "../measure/result.ts"
import { type Bar, barChart } from "./bar-chart.ts"
import { ratiosOf, yardstickText } from "./compare.ts"
import { sizeOf } from "./table.ts"

const whereAndWhen = ({ at, machine }: Run): string => `${at.slice(0, 10)}, ${machine.cores} cores, ${machine.processor}`
const ascending = (bars: readonly Bar[]): Bar[] => [...bars].sort((a, b) => a.value - b.value)

/** From the slowest way to decide to the fastest: each rival at its best, the writer with each batch. */
export function ladderPlot(run: Run): string {
  const rungs = run.results.filter(
    ({ name, profile, best }) => profile === "all-accepted" && (best || name === "writer" || name === "writer-projected"),
  )
  const bars = rungs.map((result) => ({
    label: `${result.name}, ${sizeOf(result)}`,
    value: result.per_second,
    isOurs: result.name.startsWith("writer"),
  }))
  return barChart("Decisions a second, all accepted", whereAndWhen(run), ascending(bars), (value) => value.toLocaleString("en"))
}

/** The writer on every profile, as multiples of the yardstick of the same run. */
export function ratioPlot(run: Run): string {
  const bars = [...ratiosOf(run)].map(([label, value]) => ({ label, value, isOurs: true }))
  const title = `Times ${yardstickText}`
  return barChart(title, whereAndWhen(run), ascending(bars), (value) => `${value.toFixed(1)} x`)
}
