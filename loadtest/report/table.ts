import type { Result, Run } from "../measure/result.ts"

/** A column: its name, its cells and their alignment. */
export type Column<T> = readonly [name: string, cell: (result: T) => string, align?: "left"]

/** A number as people write it, with this many digits after the point. */
export const number = (value: number, digits = 0): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
const orNone = (value: number | null, digits: number): string => (value === null ? "-" : number(value, digits))

const columns: readonly Column<Result>[] = [
  ["contestant", ({ name }) => name, "left"],
  ["profile", ({ profile }) => profile, "left"],
  ["size", sizeOf, "left"],
  ["decisions/s", ({ per_second, best }) => `${number(per_second)}${best ? " *" : ""}`],
  ["p50 ms", ({ p50_ms }) => number(p50_ms, 2)],
  ["p95 ms", ({ p95_ms }) => number(p95_ms, 2)],
  ["p99 ms", ({ p99_ms }) => number(p99_ms, 2)],
  ["own p50", ({ service_p50_ms }) => (service_p50_ms === undefined ? "" : number(service_p50_ms, 2))],
  ["own p95", ({ service_p95_ms }) => (service_p95_ms === undefined ? "" : number(service_p95_ms, 2))],
  ["trips", ({ round_trips }) => orNone(round_trips, 4)],
  ["WAL B", ({ wal_bytes }) => orNone(wal_bytes, 0)],
  ["client µs", ({ client_cpu_us }) => number(client_cpu_us, 1)],
  ["server µs", ({ server_cpu_us }) => number(server_cpu_us, 1)],
  ["tries", ({ attempts }) => (attempts === undefined ? "" : number(attempts, 2))],
]

/** Records of a transaction, or connections. */
export function sizeOf({ batch, connections }: Pick<Result, "batch" | "connections">): string {
  return batch === undefined ? `${connections} conn` : `batch ${batch}`
}

/** The meaning of the columns. */
export const legend = [
  "* the best of its kind. For the writer a latency is that of a transaction, for the others that of a request. own: the part of a",
  "transaction's latency after the commit of the one before it, if that commit was later than the sending. Trips, WAL and processor",
  "time are per decision.",
].join(" ")

/** The results for a terminal. */
export function textTable({ results }: Run): string {
  const rows = [columns.map(([name]) => name), ...results.map((result) => columns.map(([, cell]) => cell(result)))]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    columns[column]?.[2] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n")
}

/** The same as Markdown. */
export const markdownTable = (results: readonly Result[]): string => markdownOf(columns, results)

/** A Markdown table with a row for each result. */
export function markdownOf<T>(columns: readonly Column<T>[], results: readonly T[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
  return [
    row(columns.map(([name]) => name)),
    row(columns.map(([, , align]) => (align ? "---" : "---:"))),
    ...results.map((result) => row(columns.map(([, cell]) => cell(result).replace("*", "\\*")))),
  ].join("\n")
}
