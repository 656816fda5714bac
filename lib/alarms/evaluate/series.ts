import { isFormula, type MetricSpec, type OneMetric, type Statistic, saleNamespace } from "../metric-spec.ts"
import { type MeasuredIndex, startOfPeriod } from "./measured-index.ts"
import { evaluateMath, type Series } from "./metric-math.ts"

export interface Window {
  /** The first moment, included, in milliseconds. */
  readonly fromMs: number
  /** The last moment, not included, in milliseconds. */
  readonly toMs: number
}

/** A value of a metric or a formula, and the start of its period in milliseconds. */
export interface Datapoint {
  readonly atMs: number
  readonly value: number
}

/**
 * A metric or a formula over measurements, one value for each period that has one, in order of time. The first period of the
 * window is the one that begins at or before its first moment.
 *
 * @throws Error for a formula with functions that are not known here
 */
export const seriesOf = (spec: MetricSpec, measurements: MeasuredIndex, window: Window): Datapoint[] =>
  [...computed(spec, measurements, window)].map(([atMs, value]) => ({ atMs, value })).sort((a, b) => a.atMs - b.atMs)

/** The metrics that CloudWatch itself measures, for which nothing is kept elsewhere. */
export const isMeasuredByAws = (spec: MetricSpec): boolean =>
  isFormula(spec) ? Object.values(spec.metrics).some(isMeasuredByAws) : spec.namespace !== saleNamespace

function computed(spec: MetricSpec, measurements: MeasuredIndex, window: Window): Series {
  if (!isFormula(spec)) return oneMetric(spec, measurements, window)
  const known = new Map<string, Series>()
  const metric = (name: string): MetricSpec => {
    const found = spec.metrics[name]
    if (found === undefined) throw new Error(`Metric math "${spec.expression}": the formula has no metric "${name}"`)
    return found
  }
  return evaluateMath(spec.expression, {
    secondsOf: (name) => metric(name).seconds,
    periods: periodsOf(window, spec.seconds),
    series(name) {
      const series = known.get(name) ?? computed(metric(name), measurements, window)
      known.set(name, series)
      return series
    },
  })
}

function periodsOf({ fromMs, toMs }: Window, seconds: number): number[] {
  const periods: number[] = []
  for (let atMs = startOfPeriod(fromMs, seconds); atMs < toMs; atMs += seconds * 1_000) periods.push(atMs)
  return periods
}

function oneMetric(metric: OneMetric, measurements: MeasuredIndex, { fromMs, toMs }: Window): Series {
  if (metric.namespace !== saleNamespace) return new Map()
  const byPeriod = measurements.valuesByPeriod(metric, startOfPeriod(fromMs, metric.seconds), toMs)
  return new Map(
    [...byPeriod].flatMap(([period, values]) =>
      values.length === 0 ? [] : [[period, statisticOf(metric.statistic, values)] as const],
    ),
  )
}

/** A statistic of the values of one period. Percentiles are by nearest rank. @param values at least one */
export function statisticOf(statistic: Statistic, values: readonly number[]): number {
  switch (statistic) {
    case "SampleCount":
      return values.length
    case "Sum":
      return sum(values)
    case "Average":
      return sum(values) / values.length
    case "Maximum":
      return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    case "Minimum":
      return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
    case "p95":
      return percentile(values, 0.95)
    case "p99":
      return percentile(values, 0.99)
  }
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
