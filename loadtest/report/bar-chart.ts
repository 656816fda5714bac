import { escapeXml, svgDocument } from "./svg.ts"

/** A bar of a chart. */
export interface Bar {
  readonly label: string
  readonly value: number
  /** The thing itself, as opposed to what it is compared with. */
  readonly isOurs: boolean
}

const width = 900
const labelWidth = 270
const numberWidth = 110
const rowHeight = 26
const barHeight = 18
const top = 52
const colours = { ours: "#1565c0", theirs: "#90a4ae" }

/** Horizontal bars from zero, as an SVG document: lengths may be compared. */
export function barChart(title: string, subtitle: string, bars: readonly Bar[], format: (value: number) => string): string {
  const longest = Math.max(...bars.map(({ value }) => value))
  const rows = bars.map(({ label, value, isOurs }, index) => {
    const y = top + index * rowHeight
    const length = Math.max(1, ((width - labelWidth - numberWidth) * value) / longest)
    const baseline = y + barHeight - 4
    return [
      `<text x="${labelWidth - 8}" y="${baseline}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" fill="${isOurs ? colours.ours : colours.theirs}"/>`,
      `<text x="${(labelWidth + length + 6).toFixed(1)}" y="${baseline}">${format(value)}</text>`,
    ].join("\n")
  })
  const height = top + bars.length * rowHeight + 12
  return svgDocument({ width, height }, title, subtitle, rows)
}
