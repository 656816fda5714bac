import { residentBytes } from "../services/process-identity.ts"
import { isAlive, type RunRecord, readRecords } from "../services/run-record.ts"
import type { StateFolder } from "../services/state-folder.ts"

const megabyte = 1_024 * 1_024
const headings = ["part", "pid", "state", "port", "memory", "restarts", "up"]

/** A table of the running parts; undefined when nothing runs. */
export function statusTable(folder: StateFolder): string | undefined {
  const records = readRecords(folder).filter(
    (record) => record.state === "restarting" || record.state === "stopped" || isAlive(record),
  )
  if (records.length === 0) return undefined
  const pids = records.map(({ pid }) => pid)
  const measured = records.map((record) => ({ record, bytes: isAlive(record) ? residentBytes(record.pid, pids) : 0 }))
  const total = measured.reduce((sum, { bytes }) => sum + bytes, 0)
  return aligned([headings, ...measured.map(row), ["all", "", "", "", inMegabytes(total), "", ""]])
}

const row = ({ record, bytes }: { record: RunRecord; bytes: number }): string[] => [
  record.part,
  record.pid === 0 ? "-" : String(record.pid),
  record.state === "stopped" ? "stopped by an operator" : record.state,
  record.port === 0 ? "-" : String(record.port),
  inMegabytes(bytes),
  String(record.restarts),
  duration(Date.now() - record.startedAtMs),
]

const inMegabytes = (bytes: number) => `${Math.round(bytes / megabyte)} MB`

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Aligns the words of the first and third column on the left, and the numbers of the others on the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = headings.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)))
  const pad = (cell: string, column: number) =>
    column === 0 || column === 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return rows.map((cells) => cells.map(pad).join("  ").trimEnd()).join("\n")
}
