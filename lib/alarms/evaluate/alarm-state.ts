import type { AlarmDefinition } from "../definition.ts"
import { type MeasuredIndex, startOfPeriod } from "./measured-index.ts"
import { isMeasuredByAws, seriesOf } from "./series.ts"

/** `cannot tell`: the metric is one of AWS, and there is no AWS here. */
export type AlarmState = "ok" | "alarm" | "cannot tell"

export interface Judgement {
  readonly state: AlarmState
  /** The newest value; absent if no period in question has one. */
  readonly value?: number
}

/**
 * CloudWatch looks at more periods than the alarm evaluates, so that late data counts. It does not say at how many; its examples
 * show 5 for an alarm that evaluates 3.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
const furtherPeriods = 2

/**
 * The state of an alarm at a moment, from complete periods.
 * @param nowMs measurements after it are not known yet
 * @throws Error for a formula with functions that are not known here
 */
export function judge(definition: AlarmDefinition, measurements: MeasuredIndex, nowMs: number): Judgement {
  const { metric, datapoints } = definition
  if (isMeasuredByAws(metric)) return { state: "cannot tell" }
  const periodMs = metric.seconds * 1_000
  const toMs = startOfPeriod(nowMs, metric.seconds)
  const fromMs = toMs - (datapoints + furtherPeriods) * periodMs
  const found = seriesOf(metric, measurements, { fromMs, toMs }).map(({ value }) => value)
  const value = found.at(-1)
  return { state: stateOf(definition, found), ...(value !== undefined && { value }) }
}

/**
 * What CloudWatch makes of the values that it found: if they are fewer than the alarm evaluates, it fills up with the meaning of
 * missing data; it never fills more than necessary.
 */
export function stateOf(
  { above, below, datapoints, silence }: Pick<AlarmDefinition, "above" | "below" | "datapoints" | "silence">,
  found: readonly number[],
): "ok" | "alarm" {
  const breaches = (value: number) => (below === undefined ? value > (above ?? 0) : value < below)
  const evaluated = found.slice(-datapoints).map(breaches)
  const missing = silence === "alarming" ? datapoints - evaluated.length : 0
  return evaluated.filter(Boolean).length + missing >= datapoints ? "alarm" : "ok"
}
