import { renderSvg, titleOf } from "./svg.ts"

/** A bar of a chart. */
export interface Bar {
  readonly label: string
  readonly value: number
  /** Whether this is the system itself; the other bars are what it is compared with. */
  readonly isOurs: boolean
}

const width = 900
const labelWidth = 270
const numberWidth = 110
const rowHeight = 26
const barHeight = 18
const top = 52
const bottom = 12
const colours = { ours: "#1565c0", theirs: "#90a4ae" }

/**
 * Draws horizontal bars as an SVG document, the first one at the top. All begin at zero, so that their lengths can be compared.
 */
export function barChart(title: string, subtitle: string, bars: readonly Bar[], format: (value: number) => string): string {
  return renderSvg(
    { width, height: top + bars.length * rowHeight + bottom },
    {
      title: titleOf(title, subtitle),
      grid: { left: labelWidth, right: numberWidth, top, bottom },
      xAxis: { type: "value", min: 0, max: "dataMax", show: false },
      yAxis: {
        type: "category",
        inverse: true,
        data: bars.map(({ label }) => label),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { interval: 0, fontSize: 13, color: "black" },
      },
      series: [
        {
          type: "bar",
          barWidth: barHeight,
          data: bars.map(({ value, isOurs }) => ({ value, itemStyle: { color: isOurs ? colours.ours : colours.theirs } })),
          label: { show: true, position: "right", fontSize: 13, color: "black", formatter: ({ value }) => format(Number(value)) },
        },
      ],
    },
  )
}
