import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createPace } from "../../core/adapters/payment/pace.ts"
import { ProviderBusy } from "../../core/adapters/payment/provider.ts"
import { takeTurn } from "../../core/domain/pace.ts"
import { createRateLimit } from "../../local/payment-provider/rate-limit.ts"

test("turns are never closer than the interval, and nobody waits longer than they said", () => {
  const arrivals = fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 1_000 })), { maxLength: 60 })
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 100 }), (calls, intervalMs) => {
      let nowMs = 0
      let nextFreeMs: number | undefined
      const madeAtMs: number[] = []
      for (const [pauseMs, longestWaitMs] of calls) {
        nowMs += pauseMs
        const turn = takeTurn(nextFreeMs, nowMs, intervalMs, longestWaitMs)
        if (turn.kind === "full") {
          expect(turn.retryAfterMs).toBeGreaterThan(longestWaitMs)
          continue
        }
        expect(turn.waitMs).toBeLessThanOrEqual(longestWaitMs)
        nextFreeMs = turn.nextFreeMs
        madeAtMs.push(nowMs + turn.waitMs)
      }
      for (const [index, atMs] of madeAtMs.entries()) {
        if (index > 0) expect(atMs - (madeAtMs[index - 1] ?? 0)).toBeGreaterThanOrEqual(intervalMs)
      }
    }),
  )
})

describe("a process that keeps the pace by itself", () => {
  const isLimited = (answer: string) => answer === "limited"

  test("turns calls away at once when their wait would be longer than allowed, and says when there is room", async () => {
    const pace = createPace({ callsPerSecond: 100, longestWaitMs: 50 })
    const calls = Array.from({ length: 40 }, () => pace.inTurn(async () => "done", isLimited))
    const results = await Promise.allSettled(calls)
    const made = results.filter(({ status }) => status === "fulfilled")
    expect(made.length).toBeGreaterThanOrEqual(5)
    expect(made.length).toBeLessThanOrEqual(8)
    for (const result of results) {
      if (result.status === "rejected") {
        expect(result.reason).toBeInstanceOf(ProviderBusy)
        expect(result.reason.retryAfterMs).toBeGreaterThan(50)
      }
    }
  })

  test("makes a call again that the provider turned away, and gives up within the wait", async () => {
    const answers = ["limited", "limited", "done"]
    const pace = createPace({ longestWaitMs: 2_000 })
    expect(await pace.inTurn(async () => answers.shift() ?? "", isLimited)).toBe("done")
    const startedMs = performance.now()
    await expect(pace.inTurn(async () => "limited", isLimited)).rejects.toBeInstanceOf(ProviderBusy)
    expect(performance.now() - startedMs).toBeLessThan(2_500)
  })

  test("does not make anybody wait where no limit is set", async () => {
    const pace = createPace()
    const startedMs = performance.now()
    await Promise.all(Array.from({ length: 500 }, () => pace.inTurn(async () => "done", isLimited)))
    expect(performance.now() - startedMs).toBeLessThan(500)
  })
})

test("the local provider serves so many calls in any second, and those it turns away do not count", () => {
  let nowMs = 0
  const isTooSoon = createRateLimit(25, () => nowMs)
  const served = () => Array.from({ length: 200 }, isTooSoon).filter((tooSoon) => !tooSoon).length
  expect(served()).toBe(25)
  nowMs = 999
  expect(served()).toBe(0)
  nowMs = 1_000
  expect(served()).toBe(25)
})
