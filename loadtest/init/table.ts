import { spreadOf } from "../cold/spread.ts"
import { atShare, type InitResult, type InitRun, marks, type Span } from "./result.ts"

/** The environments of one function with the same setting of the warm-up. */
interface Row {
  readonly name: string
  readonly warmUp: string
  readonly memoryMb: number
  readonly coreShare: number
  /** In milliseconds at the function's share of a core: the median of the environments. */
  readonly initMs: number
  /** In the order of the marks; undefined above the number of requests. */
  readonly requestsMs: readonly (number | undefined)[]
}

/** One row for each function, without and with the warm-up. */
export function initRows({ results }: InitRun): Row[] {
  const groups = Map.groupBy(results, ({ function: name, warm_up }) => `${name} ${warm_up}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { function: name, warm_up: warmUp, memory_mb: memoryMb, core_share: coreShare } = first
    const medianOf = (spansOf: (result: InitResult) => readonly (Span | undefined)[]): number | undefined => {
      const times = group.map((result) => timeOf(spansOf(result), coreShare))
      return times.includes(undefined) ? undefined : spreadOf(times as number[]).median
    }
    const initMs = medianOf((result) => [result.import, result.open, result.warm]) ?? 0
    const requestsMs = marks.map((mark) => medianOf((result) => [result.requests[mark]]))
    return [{ name, warmUp, memoryMb, coreShare, initMs, requestsMs }]
  })
}

function timeOf(spans: readonly (Span | undefined)[], share: number): number | undefined {
  let sum = 0
  for (const span of spans) {
    if (span === undefined) return undefined
    sum += atShare(span, share)
  }
  return sum
}

/** What of Lambda's conditions was imitated, and how. */
export const emulation = [
  "Each environment is a new process with the bundle that is deployed, on one core of its own; the services run on the others. Heap",
  "limits are those of Lambda's Node for the memory of stage prod. A function below 1,769 MB has a part of a core: its processor time",
  "is measured on a whole core and divided by that part. Init is the import of the bundle, the opening of the runtime and its",
  "warm-up. A request above the first is the median of the nine that end with it. A delivery to the writer has 100 records.",
].join(" ")

const headings = ["function", "warm-up", "MB", "core", "init ms", ...marks.map((mark) => `request ${mark} ms`)]

/** The cells of a row, as text. */
export const initCells = ({ name, warmUp, memoryMb, coreShare, initMs, requestsMs }: Row): string[] => [
  ...[name, warmUp, String(memoryMb), coreShare.toFixed(2), initMs.toFixed(0)],
  ...requestsMs.map((ms) => (ms === undefined ? "-" : ms.toFixed(1))),
]

/** A run for a terminal. */
export function initTable(run: InitRun): string {
  const rows = [headings, ...initRows(run).map(initCells)]
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")
  return [...rows.map(line), "", emulation].join("\n")
}
