import { buffer } from "node:stream/consumers"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { saleMetric } from "../../../lib/alarms/metric-spec.ts"
import { stages } from "../../../lib/stages.ts"
import { awsSources } from "../../../ops/report/aws-sources.ts"
import { readMeasurements } from "../../../ops/report/measured-figures.ts"
import { askedMetrics } from "../../../ops/report/measured-metrics.ts"
import type { ReportSources } from "../../../ops/report/sources.ts"
import { watchedAlarms } from "../../../ops/report/watched-alarms.ts"
import { localServer } from "../../services/local-server.ts"
import { awsVariables } from "../../services/secrets-manager.ts"
import { beginMs } from "./given-report.ts"

interface Query {
  readonly Id: string
  readonly MetricStat: { readonly Metric: { readonly MetricName: string }; readonly Period: number; readonly Stat: string }
}
type Body = Readonly<Record<string, unknown>> & { readonly NextToken?: string; readonly MetricDataQueries?: readonly Query[] }

const window = { fromMs: beginMs, toMs: beginMs + 120_000, intervalSeconds: 10 }
const secondsAt = (seconds: number) => beginMs / 1_000 + seconds

/** CloudWatch's API and that of its logs, in two pages each. */
let asked: { action: string; body: Body }[]
let sources: ReportSources
let close: () => Promise<void>
beforeEach(async () => {
  asked = []
  const server = await localServer(async (request, response) => {
    const action = String(request.headers["x-amz-target"]).split(".")[1] ?? ""
    const body = JSON.parse((await buffer(request)).toString()) as Body
    asked.push({ action, body })
    response.setHeader("content-type", "application/x-amz-json-1.0").end(JSON.stringify(answers[action]?.(body) ?? {}))
  })
  const endpoints = { AWS_ENDPOINT_URL_CLOUDWATCH: server.url, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url }
  for (const [name, value] of Object.entries({ ...awsVariables, ...endpoints })) vi.stubEnv(name, value)
  sources = awsSources(stages.prod, watchedAlarms(stages.prod))
  close = server.close
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await close()
})

const change = (alarm: string, seconds: number, from: string, to: string) => ({
  AlarmName: alarm,
  Timestamp: secondsAt(seconds),
  HistoryItemType: "StateUpdate",
  HistoryData: JSON.stringify({ version: "1.0", oldState: { stateValue: from }, newState: { stateValue: to } }),
})

const answers: Readonly<Record<string, (body: Body) => unknown>> = {
  GetMetricData: ({ NextToken, MetricDataQueries = [] }) => ({
    MetricDataResults: MetricDataQueries.map(({ Id }) => ({
      Id,
      Timestamps: NextToken === undefined ? [secondsAt(0), secondsAt(10)] : [secondsAt(60), secondsAt(500)],
      Values: NextToken === undefined ? [1, 2] : [7, 99],
      StatusCode: "Complete",
    })),
    ...(NextToken === undefined && { NextToken: "the second page" }),
  }),
  DescribeAlarmHistory: ({ NextToken }) =>
    NextToken === undefined
      ? {
          NextToken: "the second page",
          AlarmHistoryItems: [
            change("flash-sale-prod-SweepLate", 5, "ALARM", "OK"),
            change("flash-sale-prod-ErrorRateHigh-page", 20, "OK", "ALARM"),
            change("flash-sale-dev-SweepLate", 20, "OK", "ALARM"),
          ],
        }
      : {
          AlarmHistoryItems: [
            change("flash-sale-prod-ErrorRateHigh-page", 50, "ALARM", "OK"),
            change("flash-sale-prod-OversellDetected", 60, "OK", "ALARM"),
          ],
        },
  FilterLogEvents: ({ nextToken, logGroupName }) =>
    nextToken === undefined
      ? { events: [{ message: JSON.stringify({ message: "Flagged", user: "0000beef" }) }], nextToken: "more" }
      : { events: [{ message: JSON.stringify({ left_out: logGroupName === "/aws/lambda/flash-sale-prod-reserve" ? 5 : 0 }) }] },
}

test("metrics are asked for in calls of at most 500, read page by page, and placed by their time", async () => {
  const metrics = Array.from({ length: 501 }, () => saleMetric("request.rate", "reserve", "Sum", 60))
  const series = await sources.history.read(metrics, window)
  expect(series).toHaveLength(501)
  for (const one of [series[0], series[500]])
    expect(one).toEqual([1, 2, undefined, undefined, undefined, undefined, 7, ...Array(5)])
  expect(asked.map(({ body }) => body.MetricDataQueries?.length)).toEqual([500, 500, 1, 1])
})

test("percentiles are statistics of CloudWatch; our metrics have the interval as their period, AWS's have a minute", async () => {
  await readMeasurements(sources.history, window, "prod")
  const queries = asked.flatMap(({ body }) => body.MetricDataQueries ?? []).map(({ MetricStat }) => MetricStat)
  const of = (metric: string) => queries.filter(({ Metric }) => Metric.MetricName === metric)
  expect(of("Duration").map(({ Period }) => Period)).toContain(60)
  expect(new Set(of("checkout.latency").map(({ Stat, Period }) => `${Stat} ${Period}`))).toEqual(new Set(["p95 10", "p99 10"]))
  expect(askedMetrics("prod").length).toBeLessThanOrEqual(500)
})

test("an old window has values of a minute, and a very old one of five", () => {
  const hours = (ago: number) => sources.history.leastSeconds(beginMs - ago * 3_600_000, beginMs)
  expect([hours(2), hours(4), hours(24 * 16)]).toEqual([10, 60, 300])
})

test("alarms of the stage that were in alarm, also those that began before the window or did not end in it", async () => {
  const at = (seconds: number) => new Date(beginMs + seconds * 1_000).toISOString()
  expect(await sources.tripped(window)).toMatchObject([
    { alarm: "SweepLate", from: at(0), to: at(5) },
    {
      alarm: "ErrorRateHigh-page",
      priority: "P1",
      from: at(20),
      to: at(50),
      sent: null,
      runbook: "docs/RUNBOOK.md#errorratehigh",
    },
    { alarm: "OversellDetected", priority: "P0", from: at(60), to: null },
  ])
})

test("accounts of flagged clients are read from the logs of both functions, with the lines that were left out", async () => {
  expect(await sources.flagged(window)).toEqual({ users: new Set(["0000beef"]), leftOut: 5 })
})
