import { escapeXml, type Size, svgDocument } from "./svg.ts"

/** A point of a line; a hollow one did not hold what it promised. */
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

/** What a chart says beside its lines. */
interface Frame {
  readonly title: string
  readonly subtitle: string
  readonly xName: string
  /** A level to stay below, drawn across. */
  readonly bound: { readonly y: number; readonly label: string }
}

const size: Size = { width: 900, height: 460 }
const plot = { left: 70, right: 720, top: 60, bottom: 405 }
const colours = { grid: "#eceff1", bound: "#c62828", text: "#546e7a" }
const labelHeight = 15

/** 1, 2 and 5 times each power of ten, up to a hundred thousand. */
const levels = [0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power)).concat(100_000)

/** Lines over x, which begins at 0; y is logarithmic, for a queue that builds up multiplies latency. Each line's name stands at its end. */
export function lineChart({ title, subtitle, xName, bound }: Frame, lines: readonly Line[]): string {
  const points = lines.flatMap((line) => line.points)
  const ticks = levelsAround([bound.y, ...points.map(({ y }) => y)])
  const [low = 1, high = 1] = [ticks[0], ticks.at(-1)]
  const longest = Math.max(...points.map(({ x }) => x))
  const xOf = (x: number) => plot.left + ((plot.right - plot.left) * x) / longest
  const yOf = (y: number) => plot.bottom - ((plot.bottom - plot.top) * Math.log(Math.max(y, low) / low)) / Math.log(high / low)
  const text = (x: number, y: number, words: string, more = `fill="${colours.text}"`) =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escapeXml(words)}</text>`
  const across = (y: number, more: string) => `<path d="M${plot.left} ${yOf(y).toFixed(1)}H${plot.right}" fill="none" ${more}/>`
  const drawLine = ({ colour, isDashed, points }: Line) => {
    const path = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`).join("")
    return [
      `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"${isDashed ? ' stroke-dasharray="5 4"' : ""}/>`,
      ...points.map(
        ({ x, y, isHollow }) =>
          `<circle cx="${xOf(x).toFixed(1)}" cy="${yOf(y).toFixed(1)}" r="4" stroke="${colour}" stroke-width="2" fill="${isHollow ? "white" : colour}"/>`,
      ),
    ]
  }
  return svgDocument(size, title, subtitle, [
    ...ticks.flatMap((tick) => [
      across(tick, `stroke="${colours.grid}"`),
      text(plot.left - 8, yOf(tick) + 4, tick.toLocaleString("en"), `text-anchor="end" fill="${colours.text}"`),
    ]),
    text(12, plot.top - 6, "ms"),
    ...[...new Set(points.map(({ x }) => x))].map((x) =>
      text(xOf(x), plot.bottom + 20, x.toLocaleString("en"), `text-anchor="middle" fill="${colours.text}"`),
    ),
    text((plot.left + plot.right) / 2, plot.bottom + 42, xName, `text-anchor="middle" fill="${colours.text}"`),
    across(bound.y, `stroke="${colours.bound}" stroke-width="1.5" stroke-dasharray="2 3"`),
    text(plot.left + 6, yOf(bound.y) - 6, bound.label, `fill="${colours.bound}"`),
    ...lines.flatMap(drawLine),
    ...apart(
      lines.flatMap((line) => line.points.slice(-1).map((point) => ({ line, x: xOf(point.x) + 10, y: yOf(point.y) + 4 }))),
    ).map(({ line, x, y }) => text(x, y, line.label, `fill="${line.colour}"`)),
  ])
}

/** The levels from the one below the least value to the one above the greatest. */
function levelsAround(values: readonly number[]): number[] {
  const [least, greatest] = [Math.min(...values), Math.max(...values)]
  const first = levels.findLastIndex((level) => level <= least)
  const last = levels.findIndex((level) => level >= greatest)
  return levels.slice(Math.max(0, first), last < 0 ? undefined : last + 1)
}

/** Moves labels down until none covers another. */
function apart<T extends { readonly y: number }>(labels: readonly T[]): T[] {
  let lowest = Number.NEGATIVE_INFINITY
  return labels
    .toSorted((a, b) => a.y - b.y)
    .map((label) => {
      lowest = Math.max(label.y, lowest + labelHeight)
      return { ...label, y: lowest }
    })
}
