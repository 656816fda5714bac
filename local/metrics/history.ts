import { appendFileSync, createReadStream, existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs"
import { appendFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { jsonOf } from "../../core/contracts/json.ts"
import { Measured } from "../../core/contracts/measured.ts"

/** A file of this size is kept as the older one of two, and a new one begins: a part keeps at most twice as much. */
export const maxHistoryFileBytes = 16 * 1_024 * 1_024
/** Values are kept to a thousandth: of a millisecond, or of a unit. */
const thousandths = 1_000

const ending = ".jsonl"
const olderEnding = ".older.jsonl"

/** The folder of the measurements that the parts of a system keep. @param stateDir the state folder */
export const historyFolder = (stateDir: string): string => join(stateDir, "metrics")

/** Keeps the measurements of one part. */
export interface History {
  /** Keeps measurements; those of one flush are written together. */
  keep(measured: readonly Measured[]): void
  /** Writes at once what is not written yet, for the end of the process. */
  finish(): void
}

/**
 * Opens the history of a part, a file of JSON lines that only this part writes. A failed write is lost: no sale waits for it.
 * @param folder of historyFolder @param onFailure gets the error of each failed write
 */
export function openHistory(
  folder: string,
  part: string,
  onFailure: (error: Error) => void,
  maxFileBytes = maxHistoryFileBytes,
): History {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${part}${ending}`)
  let bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  let pending = ""
  let isWriting = false

  function take(): string {
    const lines = pending
    pending = ""
    if (bytes > 0 && bytes + lines.length > maxFileBytes) {
      renameSync(file, join(folder, `${part}${olderEnding}`))
      bytes = 0
    }
    bytes += lines.length
    return lines
  }

  async function write(): Promise<void> {
    while (pending !== "") await appendFile(file, take(), { mode: 0o600 })
  }

  return {
    keep(measured) {
      for (const one of measured) pending += `${JSON.stringify({ ...one, values: one.values.map(rounded) })}\n`
      if (isWriting || pending === "") return
      isWriting = true
      // A flush writes several lines in one go: they are all here when this runs.
      setImmediate(() => {
        write()
          .catch(onFailure)
          .finally(() => {
            isWriting = false
          })
      })
    },
    finish() {
      if (pending !== "") appendFileSync(file, take(), { mode: 0o600 })
    },
  }
}

const rounded = (value: number) => Math.round(value * thousandths) / thousandths

/**
 * Reads what the parts of a system measured, in order of time. The parts' files are read side by side: the memory that this takes
 * does not grow with their size.
 *
 * @param folder of historyFolder
 * @param fromMs the first moment, included
 * @param toMs the last moment, not included
 */
export async function* readMeasured(folder: string, fromMs: number, toMs: number): AsyncGenerator<Measured> {
  const streams = partsIn(folder).map((part) => partMeasured(folder, part, fromMs, toMs))
  const heads = await Promise.all(streams.map((stream) => stream.next()))
  for (;;) {
    let first = -1
    let firstMs = Number.POSITIVE_INFINITY
    for (const [index, head] of heads.entries()) {
      if (!head.done && head.value.at_ms < firstMs) {
        first = index
        firstMs = head.value.at_ms
      }
    }
    const head = heads[first]
    const stream = streams[first]
    if (head === undefined || head.done || stream === undefined) return
    yield head.value
    heads[first] = await stream.next()
  }
}

/** The parts that have a history. */
export const partsIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(ending) && !name.endsWith(olderEnding))
        .map((name) => name.slice(0, -ending.length))
        .sort()
    : []

/** The files of a part, the older one first. */
export const filesOf = (folder: string, part: string): string[] =>
  [olderEnding, ending].map((end) => join(folder, `${part}${end}`)).filter((file) => existsSync(file))

async function* partMeasured(folder: string, part: string, fromMs: number, toMs: number): AsyncGenerator<Measured> {
  for (const file of filesOf(folder, part)) {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      // The time is the first member: lines of another time are not parsed.
      const atMs = Number.parseInt(line.slice(timeOffset), 10)
      if (!(atMs >= fromMs && atMs < toMs)) continue
      const measured = measuredOf(line)
      if (measured !== undefined) yield measured
    }
  }
}

const timeOffset = '{"at_ms":'.length

/** @returns undefined for a line that a process did not finish */
export function measuredOf(line: string): Measured | undefined {
  const parsed = Measured.safeParse(jsonOf(line))
  return parsed.success ? parsed.data : undefined
}
