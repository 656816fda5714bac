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
  /**
   * Seconds from the fault until its first breaching value is written, when that is not the functions' interval: how long the
   * condition itself takes, and how often it is measured.
   */
  readonly seenAfterSeconds?: number
  /** Why an alarm of priority P0 or P1 may take longer than the longest time to a page. */
  readonly slowBecause?: string
  /** Names of alarms on causes of this one: while one of them is in alarm, this one sends no message of its own. */
  readonly suppressedBy?: readonly string[]
}

/** The longest time from a fault to the page, of a P0 or P1: a sale is over in 30 s. */
export const longestToPageSeconds = 30
/** The functions write their metrics at this interval. */
const writtenEverySeconds = 5
/** An alarm with causes waits so long for one of them, and so long after it for its own end: a backlog remains then. */
export const causeWaitSeconds = 10
export const causeExtensionSeconds = 60

/** The longest time from a fault to the page: values are written, the periods are full, and a cause had its time to show. */
export const secondsToPage = ({ seenAfterSeconds, metric, datapoints, suppressedBy }: AlarmDefinition): number =>
  (seenAfterSeconds ?? writtenEverySeconds) + metric.seconds * datapoints + (suppressedBy ? causeWaitSeconds : 0)

/** The name of an alarm within its stage: its heading, and its variant if it has one. */
export const alarmName = ({ heading, variant }: Pick<AlarmDefinition, "heading" | "variant">): string =>
  variant === undefined ? heading : `${heading}-${variant}`

/** The name of an alarm in AWS. */
export const deployedAlarmName = (stageName: string, name: string): string => `flash-sale-${stageName}-${name}`
