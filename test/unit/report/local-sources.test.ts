import { appendFileSync, mkdirSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeEach, expect, test } from "vitest"
import type { AlarmDefinition } from "../../../lib/alarms/definition.ts"
import { saleMetric } from "../../../lib/alarms/metric-spec.ts"
import { historyFolder, openHistory } from "../../../local/metrics/history.ts"
import { localSources } from "../../../ops/report/local-sources.ts"
import { askedMetrics } from "../../../ops/report/measured-metrics.ts"
import { flaggedMessage } from "../../../ops/report/sources.ts"
import { beginMs } from "./given-report.ts"

const window = { fromMs: beginMs, toMs: beginMs + 3_600_000, intervalSeconds: 20 }
const at = (seconds: number) => new Date(beginMs + seconds * 1_000).toISOString()

let stateDir: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "report-"))
  mkdirSync(join(stateDir, "logs"))
})

function keep(...flushes: readonly (readonly [seconds: number, service: string, name: string, values: readonly number[]])[]) {
  const history = openHistory(historyFolder(stateDir), "gateway", (error) => {
    throw error
  })
  history.keep(
    flushes.map(([seconds, service, name, values]) => ({
      ...{ at_ms: beginMs + seconds * 1_000, service, name, unit: "Count", labels: {}, values: [...values] },
    })),
  )
  history.finish()
}

const alarm = (heading: string, more: Partial<AlarmDefinition> = {}): AlarmDefinition => ({
  ...{ heading, priority: "P1", condition: "errors come", datapoints: 1, silence: "fine", above: 10 },
  metric: saleMetric("error.rate", "reserve", "Sum", 10),
  ...more,
})

test("values stand in the interval in which they were written; those of other functions do not count", async () => {
  keep(
    [5, "reserve", "request.rate", [3]],
    [15, "reserve", "request.rate", [4]],
    [25, "checkout", "request.rate", [9]],
    [45, "reserve", "request.rate", [1]],
  )
  const [series] = await localSources(stateDir, []).history.read([saleMetric("request.rate", "reserve", "Sum", 60)], window)
  expect(series?.slice(0, 4)).toEqual([7, undefined, 1, undefined])
})

test("everything that a report asks for can be asked of a system that measured nothing", async () => {
  const { history, tripped, flagged } = localSources(stateDir, [alarm("ErrorRateHigh")])
  const series = await history.read(
    askedMetrics(undefined).map(({ metric }) => metric),
    window,
  )
  expect(series.flat().every((value) => value === undefined)).toBe(true)
  expect(await tripped(window)).toEqual([])
  expect(await flagged(window)).toEqual({ users: new Set(), leftOut: 0 })
})

test("an alarm is in alarm from the evaluation after its period until the condition is over; the cause alone is sent", async () => {
  const errors = [...Array(60).keys()].map(
    (index) => [index * 10 + 5, "reserve", "error.rate", [index >= 30 && index < 36 ? 50 : 0]] as const,
  )
  keep(...errors.map(([seconds, service, name, values]) => [seconds, service, name, [...values]] as const))
  const symptom = alarm("Symptom", { suppressedBy: ["Cause"] })
  const found = await localSources(stateDir, [alarm("Cause"), symptom]).tripped(window)
  expect(found).toEqual([
    {
      ...{ alarm: "Cause", priority: "P1", condition: "errors come", sent: true, runbook: "docs/RUNBOOK.md#cause" },
      ...{ from: at(310), to: at(370) },
    },
    expect.objectContaining({ alarm: "Symptom", sent: false }),
  ])
})

test("an alarm on silence does not count the time in which the system did not run, or had just started", async () => {
  const metric = saleMetric("sweep.completed", "expiry-sweeper", "Sum", 10)
  const silent = alarm("Late", { below: 1, silence: "alarming", datapoints: 3, metric })
  const run = (begin: number, flushes: number) =>
    [...Array(flushes).keys()].map((index) => [begin + index * 10, "reserve", "error.rate", [0]] as const)
  keep(...run(0, 12), ...run(1_000, 30))
  const found = await localSources(stateDir, [silent]).tripped(window)
  expect(found).toMatchObject([{ alarm: "Late", from: at(1_180), to: null }])
})

test("the log names accounts of flagged clients; lines outside the window and other lines do not count", async () => {
  const line = (seconds: number, more: object) => `${JSON.stringify({ level: "INFO", timestamp: at(seconds), ...more })}\n`
  appendFileSync(
    join(stateDir, "logs", "gateway.log"),
    [
      line(10, { message: flaggedMessage, user: "0000beef", tier: 2 }),
      line(20, { message: flaggedMessage, user: "0000beef", tier: 2 }),
      line(30, { message: "More flagged clients than log lines; the rest is left out", left_out: 8 }),
      line(-10, { message: flaggedMessage, user: "0000dead" }),
      line(40, { message: "Something else", user: "0000cafe" }),
      "no JSON at all\n",
    ].join(""),
  )
  expect(await localSources(stateDir, []).flagged(window)).toEqual({ users: new Set(["0000beef"]), leftOut: 8 })
})
