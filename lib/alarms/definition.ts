import type { MetricSpec } from "./metric-spec.ts"

/** P0 pages at once and by night, P1 pages in working hours and during a sale, P2 is read the next day. */
export const priorities = ["P0", "P1", "P2"] as const
export type Priority = (typeof priorities)[number]

/**
 * One alarm: its condition, how long it must hold, the meaning of missing data, and the runbook's heading that says what to do.
 */
export interface AlarmDefinition {
  /** The heading of docs/RUNBOOK.md, and the name of the alarm. */
  readonly heading: string
  /** Distinguishes alarms that share a heading. */
  readonly variant?: string
  readonly priority: Priority
  /** The condition in words. */
  readonly condition: string
  readonly metric: MetricSpec
  readonly above?: number
  readonly below?: number
  /** Periods in a row for which the condition must hold. */
  readonly datapoints: number
  /** The meaning of missing data: nothing happened, or the function that reports does not run. */
  readonly silence: "fine" | "alarming"
  /** Names of alarms on causes of this one: while one of them is in alarm, this one sends no message of its own. */
  readonly suppressedBy?: readonly string[]
}

/** The name of an alarm within its stage: its heading, and its variant if it has one. */
export const alarmName = ({ heading, variant }: Pick<AlarmDefinition, "heading" | "variant">): string =>
  variant === undefined ? heading : `${heading}-${variant}`

/** The name of an alarm in AWS. */
export const deployedAlarmName = (stageName: string, name: string): string => `flash-sale-${stageName}-${name}`
