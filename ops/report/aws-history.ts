import { type CloudWatchClient, paginateGetMetricData } from "@aws-sdk/client-cloudwatch"
import { minuteSeconds, type OneMetric, saleNamespace } from "../../lib/alarms/metric-spec.ts"
import type { MetricsHistory, Series } from "./metrics-history.ts"
import { beginningsOf, type Window } from "./window.ts"

/** Metrics that CloudWatch answers with in one call. */
export const maxMetricsPerCall = 500
const hourMs = 3_600_000
/**
 * How long CloudWatch keeps values of less than a minute, and of a minute.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html (metrics retention)
 */
const keptFinelyMs = 3 * hourMs
const keptByMinuteMs = 15 * 24 * hourMs
const shortestSeconds = 10

/** What CloudWatch keeps of a deployed stage, read with the operator's credentials. @throws the errors of AWS, on a read */
export const awsHistory = (client: CloudWatchClient): MetricsHistory => ({
  source:
    "From CloudWatch. It keeps values of ten seconds for three hours, of a minute for 15 days, and of five minutes after that. AWS's own metrics have one value a minute.",
  leastSeconds(fromMs, nowMs) {
    const ageMs = nowMs - fromMs
    if (ageMs < keptFinelyMs) return shortestSeconds
    return ageMs < keptByMinuteMs ? minuteSeconds : 5 * minuteSeconds
  },
  async read(metrics, window) {
    const all: Series[] = []
    for (let begin = 0; begin < metrics.length; begin += maxMetricsPerCall) {
      all.push(...(await readTogether(client, metrics.slice(begin, begin + maxMetricsPerCall), window)))
    }
    return all
  },
})

async function readTogether(client: CloudWatchClient, metrics: readonly OneMetric[], window: Window): Promise<Series[]> {
  const lengthMs = window.intervalSeconds * 1_000
  const series = metrics.map(() => new Array<number | undefined>(beginningsOf(window).length).fill(undefined))
  const queries = metrics.map((metric, index) => ({ Id: `m${index}`, MetricStat: metricStat(metric, window) }))
  const pages = paginateGetMetricData(
    { client },
    {
      MetricDataQueries: queries,
      StartTime: new Date(window.fromMs),
      EndTime: new Date(window.toMs),
      ScanBy: "TimestampAscending",
    },
  )
  for await (const { MetricDataResults = [] } of pages) {
    for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
      const one = series[Number(Id.slice(1))]
      for (const [index, timestamp] of Timestamps.entries()) {
        const interval = Math.floor((timestamp.getTime() - window.fromMs) / lengthMs)
        if (one !== undefined && interval >= 0 && interval < one.length) one[interval] = Values[index]
      }
    }
  }
  return series
}

/** A metric of AWS comes once a minute: a shorter period would find nothing. */
function metricStat({ namespace, name, dimensions, statistic }: OneMetric, { intervalSeconds }: Window) {
  return {
    Metric: {
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: namespace === saleNamespace ? intervalSeconds : Math.max(minuteSeconds, intervalSeconds),
    Stat: statistic,
  }
}
