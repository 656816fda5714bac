export const priorities = ["P0", "P1", "P2"] as const
export type Priority = (typeof priorities)[number]

/** One alarm. */
export interface AlarmLine {
  readonly alarm: string
  readonly priority: Priority
  readonly state: "ok" | "alarm" | "cannot tell"
  readonly since?: string
  readonly value?: number
  readonly threshold: string
  readonly runbook: string
}

/** A change that an alarm sent. */
export interface AlarmChangeLine {
  readonly at: string
  readonly alarm: string
  readonly state: string
  readonly reason: string
}

/** What became of a test of one priority. */
export interface DrillOutcome {
  readonly priority: Priority
  readonly drill: string
  /** Absent: the priority has no pager, or no answer came in time. */
  readonly accepted?: string
  readonly hasPager: boolean
  /** Mail addresses of the topic, and whether they are confirmed. A mail itself cannot be acknowledged. */
  readonly mails: readonly { readonly address: string; readonly isConfirmed: boolean }[]
}

/** The alarms of the local system, or of a stage. */
export interface AlarmSource {
  list(): Promise<readonly AlarmLine[]>
  history(): Promise<readonly AlarmChangeLine[]>
  test(priority: Priority, withinMs: number): Promise<DrillOutcome>
}
