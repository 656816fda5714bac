import type { MetricsHistory } from "./metrics-history.ts"
import type { Tripped } from "./schema.ts"
import type { Window } from "./window.ts"

/** Accounts of flagged clients that log lines name, by 32 bits of the user's id in hexadecimal. */
export interface FlaggedInLog {
  readonly users: ReadonlySet<string>
  /** Lines that the processes left out, because there were too many. */
  readonly leftOut: number
}

/** Where a report reads what PostgreSQL does not have. */
export interface ReportSources {
  readonly history: MetricsHistory
  /** Alarms that were in alarm at some time of the window. */
  tripped(window: Window): Promise<Tripped[]>
  /** What the log says of flagged clients. */
  flagged(window: Window): Promise<FlaggedInLog>
}

/** The lines that admission writes of flagged clients (core/workflows/admission/admission-telemetry.ts). */
export const flaggedMessage = "Flagged a client; it has one token a minute"
export const leftOutMessage = "More flagged clients than log lines; the rest is left out"

/** Where the runbook says what to do about an alarm. */
export const runbookOf = (heading: string): string => `docs/RUNBOOK.md#${heading.toLowerCase()}`
