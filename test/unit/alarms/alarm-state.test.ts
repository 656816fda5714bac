import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Measured } from "../../../core/contracts/measured.ts"
import type { AlarmDefinition } from "../../../lib/alarms/definition.ts"
import { judge, stateOf } from "../../../lib/alarms/evaluate/alarm-state.ts"
import { indexMeasured } from "../../../lib/alarms/evaluate/measured-index.ts"
import { seriesOf, statisticOf } from "../../../lib/alarms/evaluate/series.ts"
import { type AlarmStandings, step } from "../../../lib/alarms/evaluate/standing.ts"
import { awsMetric, formula, type OneMetric, saleMetric } from "../../../lib/alarms/metric-spec.ts"

const tenSeconds = 10_000
const wait = saleMetric("queue.wait", "batch-writer", "Maximum", 10)

const given = (atMs: number, values: number[], labels: Record<string, string> = {}): Measured => ({
  ...{ at_ms: atMs, service: "batch-writer", name: "queue.wait", unit: "Milliseconds", labels, values },
})

const alarm = (more: Partial<AlarmDefinition> = {}): AlarmDefinition => ({
  ...{ heading: "QueueSlow", priority: "P1", condition: "the queue is slow", metric: wait, above: 100 },
  ...{ datapoints: 1, silence: "fine" },
  ...more,
})

describe("the states of CloudWatch's table of missing data: 3 of 3, from the 5 newest periods", () => {
  const x = 200
  const rows: [string, number[], "ok" | "alarm", "ok" | "alarm"][] = [
    ["0 - X - X", [0, x, x], "ok", "ok"],
    ["0 - - - -", [0], "ok", "ok"],
    ["- - - - -", [], "alarm", "ok"],
    ["0 X X - X", [0, x, x, x], "alarm", "alarm"],
    ["- - - - X", [x], "alarm", "ok"],
    ["X - - - -", [x], "alarm", "ok"],
  ]
  test.each(rows)("%s", (_, found, breaching, notBreaching) => {
    expect(stateOf(alarm({ datapoints: 3, silence: "alarming" }), found)).toBe(breaching)
    expect(stateOf(alarm({ datapoints: 3, silence: "fine" }), found)).toBe(notBreaching)
  })
})

test("an alarm looks at complete periods, and at what is known by then", () => {
  const index = indexMeasured([given(12_000, [500])])
  expect(judge(alarm(), index, 19_999)).toEqual({ state: "ok" })
  expect(judge(alarm(), index, 20_000)).toEqual({ state: "alarm", value: 500 })
  // The newest value that exists counts, while it is among the periods that are looked at.
  expect(judge(alarm(), index, 40_000).state).toBe("alarm")
  expect(judge(alarm(), index, 50_000).state).toBe("ok")
})

test("dimensions match when all of them are equal: nothing is added up over them", () => {
  const index = indexMeasured([given(1_000, [1]), given(1_000, [7], { partition: "2" }), given(1_000, [9], { partition: "3" })])
  const ofPartition = (labels: Record<string, string>) =>
    seriesOf({ ...wait, dimensions: { service: "batch-writer", ...labels } }, index, { fromMs: 0, toMs: tenSeconds })
  expect(ofPartition({})).toEqual([{ atMs: 0, value: 1 }])
  expect(ofPartition({ partition: "3" })).toEqual([{ atMs: 0, value: 9 }])
  expect(ofPartition({ partition: "3", sku: "a" })).toEqual([])
})

test.each([
  ["Sum", 110],
  ["Average", 5.5],
  ["Maximum", 10],
  ["Minimum", 1],
  ["SampleCount", 20],
  ["p95", 10],
  ["p99", 10],
] as const)("%s of the values of one period", (statistic, expected) => {
  const flushes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((value) => given(value * 100, [value, 11 - value]))
  const metric: OneMetric = { ...wait, statistic }
  expect(seriesOf(metric, indexMeasured(flushes), { fromMs: 0, toMs: tenSeconds })).toEqual([{ atMs: 0, value: expected }])
})

test("statistics agree with their definitions, whatever the order of the values", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 200 }), (values) => {
      const p95 = statisticOf("p95", values)
      expect(values.filter((value) => value <= p95).length).toBeGreaterThanOrEqual(values.length * 0.95)
      expect(values.filter((value) => value < p95).length).toBeLessThan(values.length * 0.95)
      expect(statisticOf("p95", values.toReversed())).toBe(p95)
      expect(statisticOf("p99", values)).toBeGreaterThanOrEqual(p95)
      expect(statisticOf("Maximum", values)).toBe(Math.max(...values))
    }),
  )
})

test("nobody can tell an alarm on a metric of AWS here; it is never fine", () => {
  const database = awsMetric("AWS/RDS", "CPUUtilization", { DBInstanceIdentifier: "x" }, "Average")
  expect(judge(alarm({ metric: database }), indexMeasured(), 60_000)).toEqual({ state: "cannot tell" })
  const half = formula("SUM([a, b])", { a: database, b: wait }, 60)
  expect(judge(alarm({ metric: half }), indexMeasured(), 60_000)).toEqual({ state: "cannot tell" })
})

test("the state depends on nothing but the newest values that are evaluated", () => {
  const values = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 8 })
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 5 }), (found, datapoints) => {
      const of = (shown: number[]) => stateOf(alarm({ datapoints }), shown)
      expect(of(found)).toBe(of(found.slice(-datapoints)))
      expect(of(found) === "alarm").toBe(found.length >= datapoints && found.slice(-datapoints).every((value) => value > 100))
    }),
  )
})

describe("messages", () => {
  const cause = alarm({ heading: "WriterStuck", metric: saleMetric("writer.blocked", "batch-writer", "Maximum", 10) })
  const symptom = alarm({ suppressedBy: ["WriterStuck"] })
  const blocked = (atMs: number, value: number): Measured => ({ ...given(atMs, [value]), name: "writer.blocked" })

  /** Evaluates every ten seconds, and lists what is sent: moment in seconds, heading, state. */
  function sent(measurements: readonly Measured[], seconds: number) {
    const index = indexMeasured(measurements)
    let standings: AlarmStandings = new Map()
    const messages: [number, string, string][] = []
    for (let nowMs = tenSeconds; nowMs <= seconds * 1_000; nowMs += tenSeconds) {
      const next = step([cause, symptom], standings, index, nowMs, { waitMs: 20_000, extensionMs: 20_000 })
      standings = next.standings
      for (const { atMs, alarm: which, state } of next.messages) messages.push([atMs / 1_000, which.heading, state])
    }
    return messages
  }
  const every = (from: number, to: number, make: (atMs: number) => Measured) =>
    Array.from({ length: (to - from) / 10 }, (_, index) => make((from + index * 10) * 1_000 + 5_000))

  test("an alarm without causes is sent once, and its end, too", () => {
    expect(sent([...every(0, 30, (at) => blocked(at, 500)), ...every(30, 60, (at) => blocked(at, 0))], 60)).toEqual([
      [10, "WriterStuck", "alarm"],
      [40, "WriterStuck", "ok"],
    ])
  })

  test("a symptom waits for its cause, and is not sent while the cause is in alarm", () => {
    const slow = every(0, 60, (at) => given(at, [500]))
    const stuck = [...every(0, 10, (at) => blocked(at, 0)), ...every(10, 60, (at) => blocked(at, 500))]
    expect(sent([...slow, ...stuck], 60)).toEqual([[20, "WriterStuck", "alarm"]])
  })

  test("without a cause in alarm the symptom is sent after the wait", () => {
    expect(
      sent(
        every(0, 60, (at) => given(at, [500])),
        60,
      ),
    ).toEqual([[30, "QueueSlow", "alarm"]])
  })

  test("a symptom that outlasts its cause is sent after the extension", () => {
    const slow = every(0, 90, (at) => given(at, [500]))
    const stuck = [...every(0, 20, (at) => blocked(at, 500)), ...every(20, 90, (at) => blocked(at, 0))]
    expect(sent([...slow, ...stuck], 90)).toEqual([
      [10, "WriterStuck", "alarm"],
      [30, "WriterStuck", "ok"],
      [50, "QueueSlow", "alarm"],
    ])
  })
})
