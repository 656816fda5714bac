import { readFileSync, writeFileSync } from "node:fs"
import { gunzipSync, gzipSync } from "node:zlib"
import * as z from "zod"
import { Measured } from "../../core/contracts/measured.ts"

/** What a recording says of itself, in its first line. Times are milliseconds since 1970. */
const RecordingHeader = z.strictObject({
  name: z.string(),
  /** What was done to the system, in words; null in the good rehearsal. */
  fault: z.string().nullable(),
  /** The measurements begin here: the system had warmed up and served. */
  from_ms: z.int(),
  /** When the fault began; in the good rehearsal the moment at which the others have theirs. */
  fault_ms: z.int(),
  to_ms: z.int(),
  machine: z.string(),
  recorded_at: z.iso.datetime(),
})
export type RecordingHeader = z.output<typeof RecordingHeader>

export interface Recording extends RecordingHeader {
  readonly measurements: readonly Measured[]
}

/** Writes a recording: JSON lines, compressed. The measurements are in order of time. */
export function writeRecording(file: string, { measurements, ...header }: Recording): void {
  const lines = [header, ...measurements].map((line) => JSON.stringify(line))
  writeFileSync(file, gzipSync(`${lines.join("\n")}\n`, { level: 9 }))
}

/** @throws Error for a file that is no recording */
export function readRecording(file: string): Recording {
  const [first = "", ...lines] = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n")
  const measurements = lines.map((line) => Measured.parse(JSON.parse(line)))
  return { ...RecordingHeader.parse(JSON.parse(first)), measurements }
}
