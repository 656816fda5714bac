import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { assumedDecisionsPerSecond, estimateQueue, leastWaitMs } from "../../core/domain/queue-estimate.ts"
import { bucketWindowMs, refillMsOf, rememberBuckets, requestsPerMinute, takeToken } from "../../core/domain/token-bucket.ts"

const tier = fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const)

/** Asks at the given moments and returns those at which a token was granted. */
function granted(refillMs: number, momentsMs: readonly number[]): number[] {
  let fullAtMs: number | undefined
  return momentsMs.filter((nowMs) => {
    const taking = takeToken(fullAtMs, refillMs, nowMs)
    if (taking.kind === "taken") fullAtMs = taking.fullAtMs
    return taking.kind === "taken"
  })
}

describe("the rate limit of a user", () => {
  test("no window of any length grants more than a full bucket and the refill within the window", () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(tier, pauses, (level, pausesMs) => {
        let nowMs = 0
        const times = granted(
          refillMsOf(level),
          pausesMs.map((pauseMs) => (nowMs += pauseMs)),
        )
        for (const [index, from] of times.entries()) {
          for (const [further, to] of times.slice(index).entries()) {
            const allowed = requestsPerMinute[level] + (to - from) / refillMsOf(level)
            expect(further + 1).toBeLessThanOrEqual(allowed)
          }
        }
      }),
    )
  })

  test.each([1, 2, 3, 4] as const)(
    "tier %i may spend a whole minute's limit at once, and no more, at any moment of any clock",
    (level) => {
      const limit = requestsPerMinute[level]
      // The clock of a process has fractions of a millisecond.
      fc.assert(
        fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (nowMs) => {
          expect(granted(refillMsOf(level), Array(limit + 5).fill(nowMs))).toHaveLength(limit)
        }),
      )
    },
  )

  test("a user gets a token after the wait that the answer names, and not before", () => {
    fc.assert(
      fc.property(
        tier,
        fc.nat(10_000_000).map((moment) => moment / 1_024),
        (level, startMs) => {
          const refillMs = refillMsOf(level)
          let fullAtMs: number | undefined
          let taking = takeToken(fullAtMs, refillMs, startMs)
          while (taking.kind === "taken") {
            fullAtMs = taking.fullAtMs
            taking = takeToken(fullAtMs, refillMs, startMs)
          }
          expect(takeToken(fullAtMs, refillMs, startMs + taking.retryAfterSeconds * 1_000).kind).toBe("taken")
          expect(takeToken(fullAtMs, refillMs, startMs + refillMs - 1).kind).toBe("empty")
        },
      ),
    )
  })

  test("a minute of silence fills any bucket", () => {
    const refillMs = refillMsOf(2)
    expect(granted(refillMs, Array(60).fill(0))).toHaveLength(50)
    expect(granted(refillMs, [...Array(60).fill(0), ...Array(60).fill(bucketWindowMs)])).toHaveLength(100)
  })

  test("a clock that goes back locks a user out no longer than an empty bucket does", () => {
    expect(takeToken(10 * bucketWindowMs, refillMsOf(1), 0)).toEqual({ kind: "empty", retryAfterSeconds: 60 })
  })

  test("a process keeps a bounded number of users, and drops the least recently seen first", () => {
    const buckets = rememberBuckets(2)
    const take = (user: string) => buckets.take(user, refillMsOf(1), 0).kind
    expect(["alice", "bob", "carol", "bob"].map(take)).toEqual(["taken", "taken", "taken", "empty"])
    expect(buckets.size).toBe(2)
    expect(take("alice")).toBe("taken")
  })
})

describe("the estimate of a position in the queue", () => {
  test("the position is the number of records ahead", () => {
    expect(estimateQueue(120, { nextOffset: 100 })?.position).toBe(20)
    expect(estimateQueue(99, { nextOffset: 100 })?.position).toBe(0)
  })

  test("a later position never has a shorter estimate", () => {
    const progress = fc.record({ nextOffset: fc.nat(), decisionsPerSecond: fc.nat(50_000) })
    fc.assert(
      fc.property(progress, fc.nat(1_000_000), fc.nat(1_000), (known, ahead, further) => {
        const nearer = estimateQueue(known.nextOffset + ahead, known)?.waitMs ?? 0
        const farther = estimateQueue(known.nextOffset + ahead + further, known)?.waitMs ?? 0
        expect(nearer).toBeGreaterThanOrEqual(leastWaitMs)
        expect(farther).toBeGreaterThanOrEqual(nearer)
      }),
    )
  })

  test("a low rate of a queue without backlog does not count as slow", () => {
    const quiet = estimateQueue(assumedDecisionsPerSecond, { nextOffset: 0, decisionsPerSecond: 3 })
    expect(quiet?.waitMs).toBe(leastWaitMs + 1_000)
  })

  test("there is no position while the watermark is unknown", () => {
    expect(estimateQueue(7, {})).toBeUndefined()
  })
})
