/** The number of answers of a cohort that are shown. The JSON has all of them. */
const answersShown = 3

/** The most frequent answers of a cohort. */
export const mostly = (answers: Readonly<Record<string, number>>): string =>
  Object.entries(answers)
    .sort(([, a], [, b]) => b - a)
    .slice(0, answersShown)
    .map(([answer, times]) => `${times} x ${answer}`)
    .join(", ")

/** A table as text. A column is right-aligned unless it is named as left-aligned. */
export function textTable(rows: readonly (readonly string[])[], leftAligned: ReadonlySet<number>): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    leftAligned.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n")
}
