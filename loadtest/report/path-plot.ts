import { type Layout, type PathRun, p95BoundsMs } from "../path/result.ts"
import { laddersOf } from "./knees.ts"
import { type Line, lineChart } from "./line-chart.ts"

const colours: Readonly<Record<Layout, string>> = { shared: "#1565c0", pinned: "#e65100" }
const quantiles = ["p95_ms", "p50_ms"] as const

/** Latency of reservations over the rate offered, in each layout; undefined when the run has none. */
export function pathLadderPlot(run: PathRun): string | undefined {
  const { at, machine } = run
  const lines = laddersOf(run)
    .filter(({ profile }) => profile === "reserve-ladder")
    .flatMap(({ layout, steps }) =>
      quantiles.map(
        (quantile): Line => ({
          label: `${quantile.slice(0, 3)}, ${layout}`,
          colour: colours[layout],
          isDashed: quantile === "p50_ms",
          points: steps.map((step) => ({ x: step.rate_offered, y: step[quantile], isHollow: !step.held })),
        }),
      ),
    )
  if (lines.length === 0) return undefined
  const bound = p95BoundsMs["reserve-ladder"]
  return lineChart(
    {
      title: "Reservations over HTTP: from the intended start to the decision",
      subtitle: `${at.slice(0, 10)}, ${machine.cores} cores, ${machine.processor}; hollow: the rate was not held`,
      xName: "requests offered a second",
      yName: "ms",
      bound: { y: bound, label: `p95 target, ${bound} ms` },
    },
    lines,
  )
}
