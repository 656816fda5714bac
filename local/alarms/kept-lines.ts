import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from "node:fs"
import { jsonOf } from "../../core/contracts/json.ts"

/** A file of this size is kept as the older one of two, and a new one begins. */
export const maxKeptBytes = 1_024 * 1_024

/** Keeps JSON documents in a file, one a line; the oldest go. */
export interface KeptLines {
  keep(line: object): void
  /** Those of both files, the oldest first. */
  all(): unknown[]
}

export function openKeptLines(file: string, maxBytes = maxKeptBytes): KeptLines {
  const older = `${file}.older`
  return {
    keep(line) {
      const text = `${JSON.stringify(line)}\n`
      const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
      if (bytes > 0 && bytes + text.length > maxBytes) renameSync(file, older)
      appendFileSync(file, text, { mode: 0o600 })
    },
    all: () =>
      [older, file]
        .filter((path) => existsSync(path))
        .flatMap((path) => readFileSync(path, "utf8").trimEnd().split("\n"))
        .flatMap((line) => jsonOf(line) ?? []),
  }
}
