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
  write(text: string): unknown
}

export interface Progress {
  show(text: string): void
  /** Ends the changing line, if there is one. */
  end(): void
}

/** One line about a moment. It always has the same width. */
export function momentLine({ elapsedSeconds, arrived, decidedSoFar, decisionP95Ms, stats }: Moment): string {
  const part = (name: string, value: number | undefined, width: number, unit = "") =>
    `${name} ${(value === undefined ? "?" : value.toLocaleString("en")).padStart(width)}${unit}`
  return [
    `${String(elapsedSeconds).padStart(4)} s`,
    part("arrivals", arrived, 6, "/s"),
    part("decided", decidedSoFar, 7),
    part("queued", stats?.partition_backlog, 6),
    part("available", stats?.available, 6),
    part("held", stats?.reserved, 6),
    part("sold", stats?.sold, 6),
    part("waiting", stats?.waitlisted, 4),
    part("p95", Math.round(decisionP95Ms), 5, " ms"),
  ].join("  ")
}

/** Shows progress: in one changing line on a terminal, otherwise line by line. */
export function progressOn(screen: Screen): Progress {
  let isOpen = false
  return {
    show(text) {
      screen.write(screen.isTTY ? `\r\x1b[2K${text}` : `${text}\n`)
      isOpen = screen.isTTY === true
    },
    end() {
      if (isOpen) screen.write("\n")
      isOpen = false
    },
  }
}
