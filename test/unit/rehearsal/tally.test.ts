import { expect, test } from "vitest"
import type { Reply } from "../../../loadtest/rehearsal/client.ts"
import { createLatencies } from "../../../loadtest/rehearsal/latencies.ts"
import { createTally } from "../../../loadtest/rehearsal/tally.ts"

const problem = (status: number, slug: string, more: object = {}): Reply => ({
  kind: "answer",
  status,
  body: { type: `/problems/${slug}`, title: slug, status, ...more },
})

test("percentiles are those of the recorded values, to three digits", () => {
  const latencies = createLatencies()
  for (let ms = 1; ms <= 1_000; ms += 1) latencies.record(ms)
  const { count, p50Ms, p95Ms, p99Ms, maxMs } = latencies.summary()
  expect(count).toBe(1_000)
  expect(p50Ms / 500).toBeCloseTo(1, 2)
  expect(p95Ms / 950).toBeCloseTo(1, 2)
  expect(p99Ms / 990).toBeCloseTo(1, 2)
  expect(maxMs / 1_000).toBeCloseTo(1, 2)
})

test("without a value the summary is zero, and an endless latency counts as the longest", () => {
  const latencies = createLatencies()
  expect(latencies.summary()).toEqual({ count: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 })
  latencies.record(Number.POSITIVE_INFINITY)
  latencies.record(-5)
  expect(latencies.summary().maxMs / 600_000).toBeCloseTo(1, 2)
})

test("every business answer counts as one, and errors are counted by call and slug", () => {
  const tally = createTally()
  tally.answered("reserve", { kind: "answer", status: 201, body: {} }, 5)
  tally.answered("reserve", problem(409, "sold-out", { decided: false }), 5)
  tally.answered("reserve", problem(409, "sold-out", { decided: true }), 5)
  tally.answered("checkout", problem(402, "payment-declined"), 5)
  tally.answered("reserve", problem(503, "temporarily-unavailable", { decided: false }), 5)
  tally.answered("reserve", problem(429, "rate-limited", { decided: false }), 5)
  tally.answered("status", { kind: "failed", error: "ECONNRESET" }, 5)
  tally.answered("status", { kind: "answer", status: 500, body: "<html>" }, 5)
  const { requests, businessAnswers, errors, calls } = tally.summary()
  expect({ requests, businessAnswers }).toEqual({ requests: 8, businessAnswers: 4 })
  expect(errors).toEqual({
    "reserve: 503 temporarily-unavailable (not decided)": 1,
    "reserve: 429 rate-limited (not decided)": 1,
    "status: failed ECONNRESET": 1,
    "status: 500 no-problem-document": 1,
  })
  expect(calls.reserve.answers).toMatchObject({ "201": 1, "409 sold-out (not decided)": 1, "409 sold-out": 1 })
})

test("each second is measured alone; the peaks are those of the whole sale", () => {
  const tally = createTally()
  for (let n = 0; n < 30; n += 1) tally.arrived(0)
  tally.decided(100)
  expect(tally.lap(500)).toMatchObject({ arrived: 60, decided: 2, decisionP95Ms: expect.closeTo(100, -1) })
  tally.arrived(0)
  tally.decided(7)
  expect(tally.lap(1_000)).toMatchObject({ arrived: 1, decided: 1, decisionP95Ms: expect.closeTo(7, 1) })
  expect(tally.decidedSoFar).toBe(2)
  expect(tally.summary()).toMatchObject({ arrivedPeakPerSecond: 60, decidedPeakPerSecond: 2 })
})

test("a read that the edge answers counts as a read, and not as a request to the system", () => {
  const tally = createTally()
  tally.looked(1, true)
  tally.looked(9, false)
  expect(tally.summary()).toMatchObject({ requests: 0, looks: { count: 2, edgeHits: 1 } })
})
