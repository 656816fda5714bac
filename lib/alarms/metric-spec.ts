import type { MetricName, wholeApi } from "../../core/contracts/metrics.ts"
import type { FunctionName } from "../config.ts"

/**
 * Metrics as plain data. The same description makes an alarm on AWS (lib/constructs/alarms.ts), a query of the report, and an
 * evaluation of stored measurements.
 */

export type Statistic = "Sum" | "Average" | "Maximum" | "Minimum" | "SampleCount" | "p95" | "p99"

/** One statistic of one metric. The dimensions must be all that the metric was reported with: CloudWatch adds nothing up. */
export interface OneMetric {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly statistic: Statistic
  readonly seconds: number
}

/** A formula of CloudWatch's metric math over metrics of one period, by the names that the formula gives them. */
export interface Formula {
  readonly expression: string
  readonly metrics: Readonly<Record<string, MetricSpec>>
  readonly seconds: number
}

export type MetricSpec = OneMetric | Formula

export const isFormula = (spec: MetricSpec): spec is Formula => "expression" in spec

export const saleNamespace = "FlashSale"

/** The period of alarms that halt a sale or page during one: two intervals at which the functions write their metrics. */
export const fastSeconds = 10
export const minuteSeconds = 60

/** The reporter of a metric: a function, or all functions behind the API together. */
export type Reporter = FunctionName | typeof wholeApi

/** A metric that our functions report. @param labels of recordBy and countBy */
export const saleMetric = (
  name: MetricName,
  service: Reporter,
  statistic: Statistic,
  seconds: number,
  labels: Readonly<Record<string, string>> = {},
): OneMetric => ({ namespace: saleNamespace, name, dimensions: { service, ...labels }, statistic, seconds })

/** A metric of AWS; these come once a minute. */
export const awsMetric = (
  namespace: `AWS/${string}`,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  statistic: Statistic,
): OneMetric => ({ namespace, name, dimensions, statistic, seconds: minuteSeconds })

/** A formula over metrics of one period. */
export const formula = (expression: string, metrics: Readonly<Record<string, MetricSpec>>, seconds: number): Formula => ({
  expression,
  metrics,
  seconds,
})

/** The maximum or the sum of one metric over several parts. @param silent what a part without data counts as */
export function across(kind: "MAX" | "SUM", metrics: readonly MetricSpec[], seconds: number, silent = 0): Formula {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index + 1}`, metric]))
  const filled = Object.keys(named).map((name) => `FILL(${name}, ${silent})`)
  return formula(`${kind}([${filled.join(", ")}])`, named, seconds)
}

/**
 * The formula for the share of some calls among others, in percent; 0 when they are too few to say anything.
 * @param of the names of both metrics in the formula @param least so many of all, and so many of the part
 */
export const shareOf = (of: { part: string; all: string }, least: { part: number; all: number }): string =>
  `IF(FILL(${of.all}, 0) >= ${least.all} AND FILL(${of.part}, 0) >= ${least.part}, 100 * FILL(${of.part}, 0) / FILL(${of.all}, 0), 0)`
