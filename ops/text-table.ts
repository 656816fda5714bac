/** Text of foreign records as a terminal may show it: without control characters, which could move its cursor or hide lines. */
export const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "\u{fffd}")

/** Aligns the cells of rows: the first `left` columns on the left, the others, which hold numbers, on the right. */
export function textTable(rows: readonly (readonly (string | number)[])[], left = 1): string {
  const cells = rows.map((row) => row.map((cell) => onOneLine(String(cell))))
  const widths = cells.reduce<number[]>((known, row) => row.map((cell, column) => Math.max(known[column] ?? 0, cell.length)), [])
  const aligned = (cell: string, column: number) =>
    column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return cells.map((row) => row.map(aligned).join("  ").trimEnd()).join("\n")
}
