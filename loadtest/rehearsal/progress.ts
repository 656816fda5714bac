import type { SkuStats } from "../../core/contracts/http/admin.ts"
import type { Second } from "./tally.ts"

/** The state of the sale at one moment, for the progress line. */
export interface Moment extends Second {
  readonly elapsedSeconds: number
  readonly decidedSoFar: number
  readonly stats?: SkuStats
}

/** The output for progress. A terminal shows one line that changes. */
export interface Screen {
  readonly isTTY?: boolean
  /** The width of a terminal. */
  readonly columns?: number
  write(text: string): unknown
}

export interface Progress {
  /** Shows what is done, and which share of the work that is: a bar on a terminal. Without a share the text stays by itself. */
  show(text: string, share?: number): void
  /** Ends the changing line, if there is one. */
  end(): void
}

const barWidth = 20
const defaultColumns = 80
/** Without a terminal a line is written this often at most. */
const lineEveryMs = 10_000

/** One short text about a moment. A part that is 0 or unknown is left out. */
export function momentLine({ elapsedSeconds, arrived, decidedSoFar, decisionP95Ms, stats }: Moment): string {
  const part = (value: number | undefined, unit: string) => (value ? [`${value.toLocaleString("en")}${unit}`] : [])
  return [
    `${elapsedSeconds} s`,
    ...part(arrived, " arrivals/s"),
    ...part(decidedSoFar, " decided"),
    ...part(Math.round(decisionP95Ms), " ms p95"),
    ...part(stats?.partition_backlog, " queued"),
    ...part(stats?.available, " available"),
    ...part(stats?.reserved, " held"),
    ...part(stats?.sold, " sold"),
    ...part(stats?.waitlisted, " waiting"),
  ].join(", ")
}

/** A bar for a share of the work; more than all of it is a full bar. */
export function bar(share: number): string {
  const full = Math.round(barWidth * Math.min(1, Math.max(0, share)))
  return `[${"#".repeat(full)}${".".repeat(barWidth - full)}]`
}

/**
 * Shows progress. On a terminal one line changes in place and is cut to the width: a wrapped line could not be replaced.
 * Elsewhere a line is written now and then, and the last one of each part of the work.
 */
export function progressOn(screen: Screen, nowMs: () => number = () => performance.now()): Progress {
  let isOpen = false
  let unwritten: string | undefined
  let writtenAtMs = nowMs()
  const write = (text: string): void => {
    screen.write(`${text}\n`)
    unwritten = undefined
    writtenAtMs = nowMs()
  }
  return {
    show(text, share) {
      if (screen.isTTY) {
        const line = share === undefined ? text : `${bar(share)} ${text}`
        screen.write(`\r\x1b[2K${line.slice(0, (screen.columns ?? defaultColumns) - 1)}`)
        isOpen = true
      } else if (share === undefined || nowMs() - writtenAtMs >= lineEveryMs) write(text)
      else unwritten = text
    },
    end() {
      if (isOpen) screen.write("\n")
      isOpen = false
      if (unwritten !== undefined) write(unwritten)
    },
  }
}
