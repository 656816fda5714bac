import { appendFileSync, mkdirSync, statSync } from "node:fs"
import { appendFile, rename } from "node:fs/promises"
import { join } from "node:path"
import type { Span } from "../../contracts/spans.ts"
import { logger } from "../telemetry.ts"
import type { SpanSink } from "./spans.ts"

export const spanFileLimits = {
  /** Spans wait so long for others, and are written together. */
  flushAfterMs: 100,
  /** Spans that are not written yet; further ones are discarded. */
  maxWaitingSpans: 5_000,
  /** A file that is longer becomes the older one of two; the older one before it is deleted. */
  maxFileBytes: 4 * 1_024 * 1_024,
} as const

export type SpanFileLimits = { readonly [Limit in keyof typeof spanFileLimits]: number }

/** The files of a part: the present one, and the older one. */
export const spanFiles = (part: string): readonly [present: string, older: string] => [`${part}.ndjson`, `${part}.older.ndjson`]

/**
 * Appends the spans of a process to a file, one JSON object a line. Nothing is made before the first span. The spans that wait
 * when the process ends are written then.
 *
 * @param part the name of the process, which no other running process may have
 */
export function createSpanFile(directory: string, part: string, limits: SpanFileLimits = spanFileLimits): SpanSink {
  const [present, older] = spanFiles(part).map((name) => join(directory, name)) as [string, string]
  let waiting: string[] = []
  let bytes: number | undefined
  let isWriting = false

  function open(): number {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    process.once("exit", () => {
      if (waiting.length > 0) appendFileSync(present, waiting.join(""))
    })
    return statSync(present, { throwIfNoEntry: false })?.size ?? 0
  }

  async function flush(): Promise<void> {
    const lines = waiting.join("")
    waiting = []
    try {
      if ((bytes ?? 0) > limits.maxFileBytes) {
        await rename(present, older)
        bytes = 0
      }
      await appendFile(present, lines, { mode: 0o600 })
      bytes = (bytes ?? 0) + lines.length
    } catch (error) {
      logger.warn("Spans could not be written to their file and are discarded", { error: error as Error })
    }
    isWriting = false
    if (waiting.length > 0) schedule()
  }

  function schedule(): void {
    isWriting = true
    setTimeout(flush, limits.flushAfterMs).unref()
  }

  return {
    write(span) {
      if (waiting.length >= limits.maxWaitingSpans) return
      try {
        bytes ??= open()
      } catch (error) {
        logger.warn("There is no folder for the files of spans; this span is discarded", { error: error as Error })
        return
      }
      waiting.push(`${JSON.stringify({ ...span, part } satisfies Span)}\n`)
      if (!isWriting) schedule()
    },
  }
}
