import type { LineSeriesOption } from "echarts/charts"
import { renderSvg } from "../../loadtest/report/svg.ts"
import { Html, html } from "./html.ts"

/** A line of a plot, with one value for each interval. Null leaves a gap. */
export interface PlotLine {
  readonly label: string
  readonly values: readonly (number | null)[]
}

export interface Plot {
  readonly title: string
  /** What the y axis counts, with its unit. */
  readonly yName: string
  readonly lines: readonly PlotLine[]
  /** Formats a value for the table. */
  readonly show: (value: number) => string
}

const size = { width: 860, height: 300 }
/** Lines differ in colour, in dashes and in the name at their end. Each colour can be read on white and on black. */
const looks = [
  { name: "blue", colour: "#3b82f6", type: "solid" },
  { name: "orange, dashed", colour: "#d9730d", type: "dashed" },
  { name: "violet, dotted", colour: "#8b5cf6", type: "dotted" },
  { name: "green, long dashes", colour: "#16a34a", type: [12, 4] },
] as const
/** More lines than this are not drawn: a reader cannot distinguish them. */
const maxLines = 4
const maxLabelCharacters = 22

const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** A plot over time, and behind it a table with the same numbers. Nothing when no line has a value. */
export function plotWithTable({ title, yName, lines, show }: Plot, intervals: readonly string[]): Html {
  const drawn = lines.filter(({ values }) => values.some((value) => value !== null)).slice(0, maxLines)
  if (drawn.length === 0) return html`<figure><figcaption>${title}: not measured in this window.</figcaption></figure>`
  const left = lines.length > maxLines ? html`<p>The first ${maxLines} of ${lines.length} lines.</p>` : ""
  return html`<figure><figcaption>${title} (${yName})<small>${legendOf(drawn)}</small></figcaption>
<div class="plot" role="img" aria-label="${title}: the table below has the numbers">${new Html(svgOf(yName, drawn, intervals))}</div>${left}
<details><summary>Table: ${title}</summary>${tableOf(drawn, intervals, show)}</details></figure>`
}

function svgOf(yName: string, lines: readonly PlotLine[], intervals: readonly string[]): string {
  const text = { color: "currentColor", fontSize: 13 }
  const axis = { axisLine: { lineStyle: { color: "currentColor" } }, axisLabel: text, nameTextStyle: text }
  const svg = renderSvg(size, {
    backgroundColor: "transparent",
    grid: { left: 76, right: 190, top: 30, bottom: 44 },
    xAxis: {
      ...axis,
      type: "category",
      data: intervals.map((interval) => interval.slice(11, 19)),
      name: "time, UTC",
      nameLocation: "middle",
      nameGap: 28,
      boundaryGap: false,
    },
    yAxis: {
      ...axis,
      type: "value",
      min: 0,
      name: yName,
      axisLabel: { ...text, formatter: (value: number) => value.toLocaleString("en-US") },
      splitLine: { lineStyle: { color: "currentColor", opacity: 0.15 } },
    },
    series: lines.map(seriesOf),
  })
  // Sizes in the picture would keep it from shrinking, and its class names would be those of every other picture.
  return svg.replace(/<svg width="\d+" height="\d+"/, "<svg")
}

/** On a narrow screen the names at the ends of the lines are out of sight. */
const legendOf = (lines: readonly PlotLine[]): string =>
  lines.map(({ label }, index) => `${label}: ${looks[index % looks.length]?.name}`).join("; ")

function seriesOf({ label, values }: PlotLine, index: number): LineSeriesOption {
  const look = looks[index % looks.length] ?? looks[0]
  const isAlone = values.filter((value) => value !== null).length === 1
  return {
    type: "line",
    name: label,
    showSymbol: isAlone,
    data: values.map((value) => value ?? "-"),
    lineStyle: { color: look.colour, width: 2, type: typeof look.type === "string" ? look.type : [...look.type] },
    itemStyle: { color: look.colour },
    silent: true,
    endLabel: { show: true, formatter: shortened(label), color: look.colour, fontSize: 13, distance: 8 },
    labelLayout: { moveOverlap: "shiftY" },
  }
}

const shortened = (label: string): string =>
  label.length > maxLabelCharacters ? `${label.slice(0, maxLabelCharacters - 1)}…` : label

/** Rows without a value are left out: most of a day has none. */
function tableOf(lines: readonly PlotLine[], intervals: readonly string[], show: Plot["show"]): Html {
  const rows = intervals.flatMap((interval, index) => {
    const cells = lines.map(({ values }) => values[index] ?? null)
    return cells.every((cell) => cell === null || cell === 0)
      ? []
      : [
          html`<tr><td>${interval.slice(0, 19)}Z${localCell(interval)}${cells.map((cell) => html`<td>${cell === null ? "" : show(cell)}`)}`,
        ]
  })
  return html`<div class="wide"><table><thead><tr><th>UTC${isUtc ? "" : html`<th>${localZone}`}${lines.map(({ label }) => html`<th>${label}`)}</thead><tbody>${rows}</tbody></table></div>`
}

const isUtc = localZone === "UTC"
const localCell = (interval: string) => (isUtc ? "" : html`<td>${new Date(interval).toLocaleTimeString("en-GB")}`)
