import type { LineSeriesOption } from "echarts/charts"
import { renderSvg, type Size, titleOf } from "./svg.ts"

/** A point of a chart. A hollow point shows a rate that the system did not hold. */
interface Point {
  readonly x: number
  readonly y: number
  readonly isHollow: boolean
}

export interface Line {
  readonly label: string
  readonly colour: string
  readonly isDashed: boolean
  readonly points: readonly Point[]
}

/** The texts of a chart, and the level that its lines should stay below. */
interface Frame {
  readonly title: string
  readonly subtitle: string
  readonly xName: string
  readonly yName: string
  readonly bound: { readonly y: number; readonly label: string }
}

const size: Size = { width: 900, height: 460 }
const grid = { left: 70, right: 180, top: 76, bottom: 55 }
const colours = { grid: "#eceff1", bound: "#c62828", text: "#546e7a" }

/** 1, 2 and 5 times each power of ten, up to a hundred thousand. */
const levels = [0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power)).concat(100_000)

/** Draws lines over x, which begins at 0. The y axis is logarithmic: a queue that builds up multiplies latency. */
export function lineChart({ title, subtitle, xName, yName, bound }: Frame, lines: readonly Line[]): string {
  const points = lines.flatMap((line) => line.points)
  const ticks = levelsAround([bound.y, ...points.map(({ y }) => y)])
  const rates = [...new Set(points.map(({ x }) => x))]
  const text = { color: colours.text, fontSize: 13 }
  const formatter = (value: number) => value.toLocaleString("en")
  return renderSvg(size, {
    title: titleOf(title, subtitle),
    grid,
    xAxis: {
      type: "value",
      min: 0,
      name: xName,
      nameLocation: "middle",
      nameGap: 32,
      nameTextStyle: text,
      max: "dataMax",
      axisTick: { customValues: rates },
      axisLabel: { ...text, formatter, customValues: rates },
      splitLine: { show: false },
    },
    yAxis: {
      type: "log",
      min: Math.min(...ticks),
      max: Math.max(...ticks),
      name: yName,
      nameTextStyle: text,
      axisTick: { customValues: ticks },
      axisLabel: { ...text, formatter, customValues: ticks },
      splitLine: { lineStyle: { color: colours.grid } },
    },
    series: [...lines.map(seriesOf), boundSeries(bound)],
  })
}

/** A line with its name at its end. ECharts moves a name down where it would cover another. */
const seriesOf = ({ label, colour, isDashed, points }: Line): LineSeriesOption => ({
  type: "line",
  name: label,
  symbol: "circle",
  symbolSize: 8,
  lineStyle: { color: colour, width: 2, type: isDashed ? "dashed" : "solid" },
  data: points.map(({ x, y, isHollow }) => ({
    value: [x, y],
    itemStyle: { color: isHollow ? "white" : colour, borderColor: colour, borderWidth: 2 },
  })),
  endLabel: { show: true, formatter: label, color: colour, fontSize: 13, distance: 10 },
  labelLayout: { moveOverlap: "shiftY" },
})

const boundSeries = ({ y, label }: Frame["bound"]): LineSeriesOption => ({
  type: "line",
  data: [],
  markLine: {
    silent: true,
    symbol: "none",
    lineStyle: { color: colours.bound, width: 1.5, type: "dotted" },
    label: { position: "insideStartTop", formatter: label, color: colours.bound, fontSize: 13 },
    data: [{ yAxis: y }],
  },
})

/** The levels from the one below the least value to the one above the greatest. */
function levelsAround(values: readonly number[]): number[] {
  const [least, greatest] = [Math.min(...values), Math.max(...values)]
  const first = levels.findLastIndex((level) => level <= least)
  const last = levels.findIndex((level) => level >= greatest)
  return levels.slice(Math.max(0, first), last < 0 ? undefined : last + 1)
}
