import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs"
import type { Dispute, Payment, Refund } from "./payment.ts"

/** An answer that a repeated call with the same idempotency key gets again. */
export interface RecordedAnswer {
  readonly key: string
  /** The request. A different request under the same key is refused. */
  readonly fingerprint: string
  readonly status: number
  readonly body: string
}

/** What one operation changed, as one line of the file: all of it survives a crash, or none. */
interface Entry {
  readonly payment?: Payment
  readonly refund?: Refund
  readonly dispute?: Dispute
  readonly answer?: RecordedAnswer
}

/** An append-only file of JSON lines, from which a restart reads everything again. */
export interface Journal {
  /** Everything written so far, in order. */
  readonly entries: readonly Entry[]
  append(entry: Entry): void
  close(): void
}

/** Opens the journal. An incomplete last line is skipped: its operation was never answered. */
export function openJournal(path: string): Journal {
  const text = existsSync(path) ? readFileSync(path, "utf8") : ""
  const complete = text.slice(0, text.lastIndexOf("\n") + 1)
  const file = openSync(path, "a", 0o600)
  if (complete.length < text.length) writeSync(file, "\n")
  const entries = complete.split("\n").flatMap((line) => entryOf(line) ?? [])
  return {
    entries,
    append: (entry) => {
      writeSync(file, `${JSON.stringify(entry)}\n`)
    },
    close: () => closeSync(file),
  }
}

function entryOf(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry
  } catch {
    return undefined
  }
}
