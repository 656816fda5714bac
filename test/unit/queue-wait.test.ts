import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { createWaitlistReads, maxPositionReads } from "../../core/adapters/postgres/waitlist-reads.ts"
import { flushMetrics } from "../../core/adapters/telemetry.ts"
import {
  estimateQueue,
  leastWaitMs,
  retryLimits,
  retrySecondsFor,
  waitlistRetrySeconds,
} from "../../core/domain/queue-estimate.ts"
import { createQueueHistory, maxQueueMoments } from "../../core/domain/queue-history.ts"
import { retryAfterOf } from "../../core/workflows/reservations/reservation-document.ts"
import type { Batch } from "../../lambdas/batch-writer/batch.ts"
import { estimateSampledEvery, measure } from "../../lambdas/batch-writer/measure.ts"
import { rateMeter } from "../../lambdas/batch-writer/rate-meter.ts"
import { parseEmbeddedMetrics } from "../../local/metrics/embedded-metrics.ts"

describe("the time of the next poll", () => {
  test("grows with the position in the queue, within its bounds", () => {
    const progress = fc.record({ nextOffset: fc.nat(), decisionsPerSecond: fc.nat(50_000) })
    fc.assert(
      fc.property(progress, fc.nat(1_000_000), fc.nat(100_000), (known, ahead, further) => {
        const secondsAt = (position: number) => retrySecondsFor(estimateQueue(known.nextOffset + position, known)?.waitMs ?? 0)
        const [nearer, farther] = [secondsAt(ahead), secondsAt(ahead + further)]
        expect(farther).toBeGreaterThanOrEqual(nearer)
        for (const seconds of [nearer, farther]) {
          expect(Number.isInteger(seconds)).toBe(true)
          expect(seconds).toBeGreaterThanOrEqual(retryLimits.leastSeconds)
          expect(seconds).toBeLessThanOrEqual(retryLimits.mostSeconds)
        }
      }),
    )
  })

  test("is not before the expected decision, unless that is later than the longest interval", () => {
    fc.assert(
      fc.property(fc.nat(retryLimits.mostSeconds * 1_000), (waitMs) => {
        const intervalMs = retrySecondsFor(waitMs) * 1_000
        expect(intervalMs).toBeGreaterThanOrEqual(waitMs)
        expect(intervalMs - waitMs).toBeLessThanOrEqual(1_000)
      }),
    )
    expect(retrySecondsFor(retryLimits.mostSeconds * 1_000 + 1)).toBe(retryLimits.mostSeconds)
  })

  const reservation = { reservation_id: "0198f5a4-7c1e-7d2b-9a3f-000000000001", sku_id: "a", quantity: 1, decided: false }
  test.each([
    ["QUEUED", { estimated_wait_ms: 2_001 }, { "retry-after": "3" }],
    ["QUEUED", {}, { "retry-after": String(retryLimits.leastSeconds) }],
    ["WAITLISTED", { position: 3 }, { "retry-after": String(waitlistRetrySeconds) }],
    ["RESERVED", {}, {}],
    ["LAPSED", {}, {}],
  ] as const)("%s %o has the headers %o", (status, more, headers) => {
    expect(retryAfterOf({ ...reservation, status, ...more })).toEqual(headers)
  })
})

describe("the history of the shown watermarks", () => {
  test("gives for a moment the last watermark that was shown before it", () => {
    const gaps = fc.array(fc.nat(50), { maxLength: 40 })
    fc.assert(
      fc.property(gaps, fc.nat(2_100), fc.integer({ min: 1, max: 50 }), (showings, moment, maxMoments) => {
        const history = createQueueHistory(maxMoments)
        let atMs = 0
        const shown = showings.map((gapMs, nextOffset) => {
          atMs += gapMs
          history.add(atMs, { nextOffset })
          return { atMs, nextOffset }
        })
        const remembered = shown.slice(-maxMoments).filter((one) => one.atMs <= moment)
        expect(history.at(moment)?.nextOffset).toBe(remembered.at(-1)?.nextOffset)
      }),
    )
  })

  test("drops its oldest entries, so the memory of a process that runs for days does not grow", () => {
    const history = createQueueHistory()
    for (let moment = 0; moment <= maxQueueMoments; moment += 1) history.add(moment, { nextOffset: moment })
    expect([history.at(0), history.at(1)?.nextOffset]).toEqual([undefined, 1])
  })
})

describe("the rate of a partition", () => {
  /** A meter and a clock: adds batches of `records` records, each `everyMs` after the one before. */
  const metered = () => {
    let nowMs = 0
    const meter = rateMeter(() => nowMs)
    return (batches: number, records: number, everyMs: number): number => {
      let rate = 0
      for (let batch = 0; batch < batches; batch += 1) {
        nowMs += everyMs
        rate = meter.add(records)
      }
      return rate
    }
  }

  test("counts the decisions while the partition was behind", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 1_000 }), fc.integer({ min: 1, max: 100 }), (records, everyMs) => {
        const rate = metered()(1_000, records, everyMs)
        expect(rate).toBeCloseTo((records * 1_000) / everyMs, 3)
      }),
    )
  })

  test("is unknown until the partition has been behind for a while, and single requests do not lower it", () => {
    const batches = metered()
    expect(batches(1_000, 1, 20)).toBe(0)
    expect(batches(2, 250, 10)).toBe(0)
    const busy = batches(100, 250, 10)
    expect(busy).toBeCloseTo(25_000)
    expect(batches(1_000, 3, 500)).toBe(busy)
    expect(batches(1, 250, 60_000)).toBe(busy)
    expect(batches(1, 250, 60_000)).toBe(busy)
  })

  test("follows a writer that has become slower within two seconds", () => {
    const batches = metered()
    batches(100, 250, 10)
    expect(batches(20, 250, 100)).toBeLessThan(3_500)
  })
})

test("positions on a waitlist are looked up for a few shoppers at a time; the others get an answer without one", async () => {
  const replies: ((reply: object) => void)[] = []
  const query = () => new Promise((resolve) => replies.push(resolve))
  const { ahead } = createWaitlistReads({ query } as never)
  const asked = Array.from({ length: maxPositionReads + 3 }, () => ahead("0198f5a4-7c1e-7d2b-9a3f-000000000001"))
  expect(replies).toHaveLength(maxPositionReads)
  for (const reply of replies) reply({ rows: [{ ahead: 7 }] })
  expect(await Promise.all(asked)).toEqual([...Array(maxPositionReads).fill(7), undefined, undefined, undefined])
})

describe("the wait of decided requests", () => {
  let lines: string[]
  beforeEach(() => {
    flushMetrics()
    lines = []
    // Metrics go to the output of the process, through a separate console.
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => lines.push(String(chunk)) > 0)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const valuesOf = (name: string) => {
    flushMetrics()
    return lines
      .flatMap((line) => parseEmbeddedMetrics(line) ?? [])
      .filter((one) => one.name === name)
      .flatMap(({ values }) => values)
  }

  /** A batch of one record that was accepted at `acceptedAtMs` and stands at `offset`. */
  const batchOf = (offset: number, acceptedAtMs: number) =>
    ({ records: [{ offset, decoded: { kind: "record", record: { acceptedAtMs } } }] }) as unknown as Batch
  /** An offset whose estimate is sampled; the next is not. */
  const sampled = 200 * estimateSampledEvery
  const decidedAt = (atMs: number) => ({ allocation: { answers: [], changes: [] }, loaded: { now: atMs * 1_000 } }) as never

  test("is measured beside the estimate at their acceptance, and so is the difference", () => {
    const shown = createQueueHistory()
    shown.add(1_000, { nextOffset: sampled - 2_000, decisionsPerSecond: 10_000 })
    shown.add(5_000, { nextOffset: sampled, decisionsPerSecond: 10_000 })
    measure(batchOf(sampled, 3_000), decidedAt(3_500), 5, shown)
    measure(batchOf(sampled + 1, 3_000), decidedAt(3_500), 5, shown)
    const estimatedMs = leastWaitMs + 200
    expect(valuesOf("queue.wait")).toEqual([500, 500])
    expect(valuesOf("queue.wait.estimated")).toEqual([estimatedMs])
    expect(valuesOf("queue.wait.error")).toEqual([500 - estimatedMs])
  })

  test("has no estimate while no watermark was shown", () => {
    measure(batchOf(sampled, 3_000), decidedAt(3_500), 5, createQueueHistory())
    expect(valuesOf("queue.wait")).toEqual([500])
    expect(valuesOf("queue.wait.error")).toEqual([])
  })
})
