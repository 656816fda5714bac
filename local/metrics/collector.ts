import { type Family, prometheusName } from "../../core/adapters/prometheus.ts"
import type { MetricName } from "../../core/contracts/metrics.ts"
import type { Measurement } from "./embedded-metrics.ts"

/** Quantiles are those of the last minute, and of this many values at most. */
const windowMs = 60_000
const maxWindowValues = 4_096
const quantiles = [0.5, 0.95, 0.99]

/** The last value of these metrics counts, and not the sum of all values. */
const gauges: ReadonlySet<string> = new Set<MetricName>([
  "queue.depth",
  "consumer.lag",
  "consumer.stalled",
  "kafka.consumer.lag",
  "queue.stalled",
  "stock.available",
  "sale.status",
  "sale.mode",
  "inventory.oversell",
  "inventory.undersell",
  "analytics.orders.per.minute",
  "analytics.failure.rate",
  "analytics.success.rate",
  "analytics.throughput",
  "analytics.orders",
  "analytics.orders.failed",
  "analytics.orders.reserved",
])
/** Counts for which the distribution matters more than the sum. */
const distributions: ReadonlySet<string> = new Set<MetricName>(["batch.size"])

interface Series {
  readonly labels: Readonly<Record<string, string>>
  count: number
  sum: number
  last: number
  readonly recent: { readonly value: number; readonly atMs: number }[]
}

interface Metric {
  readonly type: Family["type"]
  readonly series: Map<string, Series>
}

/** Adds up the measurements of the functions of one process, as CloudWatch does on AWS. */
export interface Collector {
  add(measurements: readonly Measurement[]): void
  /** The current state, one family for each metric. */
  families(): Family[]
}

/** @param nowMs the clock that ends the window of the quantiles */
export function createCollector(nowMs: () => number = Date.now): Collector {
  const metrics = new Map<string, Metric>()

  const seriesOf = ({ name, unit, labels }: Measurement): { series: Series; type: Family["type"] } => {
    const metric = metrics.get(name) ?? { type: typeOf(name, unit), series: new Map() }
    metrics.set(name, metric)
    const key = JSON.stringify(Object.entries(labels).sort())
    const series = metric.series.get(key) ?? { labels, count: 0, sum: 0, last: 0, recent: [] }
    metric.series.set(key, series)
    return { series, type: metric.type }
  }

  return {
    add(measurements) {
      for (const measurement of measurements) {
        const { series, type } = seriesOf(measurement)
        for (const value of measurement.values) {
          series.count += 1
          series.sum += value
          series.last = value
          if (type === "summary") series.recent.push({ value, atMs: nowMs() })
        }
        forgetOld(series, nowMs())
      }
    },
    families: () =>
      [...metrics].map(([name, { type, series }]) => ({
        name: prometheusName(name),
        type,
        samples: [...series.values()].flatMap((one) => samplesOf(type, one, nowMs())),
      })),
  }
}

function typeOf(name: string, unit: string): Family["type"] {
  if (gauges.has(name)) return "gauge"
  return unit === "Count" && !distributions.has(name) ? "counter" : "summary"
}

function forgetOld({ recent }: Series, now: number): void {
  const stale = recent.findIndex(({ atMs }) => atMs > now - windowMs)
  recent.splice(0, Math.max(stale === -1 ? recent.length : stale, recent.length - maxWindowValues))
}

function samplesOf(type: Family["type"], series: Series, now: number): Family["samples"] {
  const { labels, count, sum, last, recent } = series
  if (type !== "summary") return [{ labels, value: type === "gauge" ? last : sum }]
  forgetOld(series, now)
  const sorted = recent.map(({ value }) => value).sort((a, b) => a - b)
  return [
    ...quantiles.flatMap((quantile) => {
      const value = sorted[Math.ceil(quantile * sorted.length) - 1]
      return value === undefined ? [] : [{ labels: { ...labels, quantile: String(quantile) }, value }]
    }),
    { suffix: "_sum", labels, value: sum },
    { suffix: "_count", labels, value: count },
  ]
}
