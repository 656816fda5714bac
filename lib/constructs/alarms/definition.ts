import { Duration } from "aws-cdk-lib"
import { type IMetric, MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch"
import type { MetricName } from "../../../core/contracts/metrics.ts"
import type { FunctionName } from "../../config.ts"

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
  readonly metric: IMetric
  readonly above?: number
  readonly below?: number
  /** Periods in a row for which the condition must hold. */
  readonly datapoints: number
  /** The meaning of missing data: nothing happened, or the function that reports does not run. */
  readonly silence: "fine" | "alarming"
}

/** The period of alarms that halt a sale or page during one. The functions write their metrics at the same interval. */
export const fastSeconds = 10
export const minuteSeconds = 60

type Statistic = "Sum" | "Average" | "Maximum" | "Minimum" | "p95" | "p99"

/** A metric that our functions report; `service` is the function that reports it. @param labels of recordBy and countBy */
export const saleMetric = (
  name: MetricName,
  service: FunctionName,
  statistic: Statistic,
  seconds: number,
  labels: Readonly<Record<string, string>> = {},
): Metric =>
  new Metric({
    namespace: "FlashSale",
    metricName: name,
    dimensionsMap: { service, ...labels },
    statistic,
    period: Duration.seconds(seconds),
  })

/** A metric of AWS; these come once a minute. */
export const awsMetric = (
  namespace: `AWS/${string}`,
  metricName: string,
  dimensionsMap: Record<string, string>,
  statistic: Statistic,
): Metric => new Metric({ namespace, metricName, dimensionsMap, statistic, period: Duration.seconds(minuteSeconds) })

/** A formula over metrics of one period. */
export const formula = (expression: string, usingMetrics: Record<string, IMetric>, seconds: number): MathExpression =>
  new MathExpression({ expression, usingMetrics, period: Duration.seconds(seconds) })

/** The maximum or the sum of one metric over several parts. A part without data counts as 0. */
export function across(kind: "MAX" | "SUM", metrics: readonly IMetric[], seconds: number): MathExpression {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index + 1}`, metric]))
  const filled = Object.keys(named).map((name) => `FILL(${name}, 0)`)
  return formula(`${kind}([${filled.join(", ")}])`, named, seconds)
}
