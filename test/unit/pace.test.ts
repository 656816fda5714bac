import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createPace } from "../../core/adapters/payment/pace.ts"
import { ProviderBusy } from "../../core/adapters/payment/provider.ts"
import { takeTurn } from "../../core/domain/pace.ts"
import { createRateLimit } from "../../local/payment-provider/rate-limit.ts"

test("turns are never closer than the interval, and no call waits longer than its limit", () => {
  const arrivals = fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 1_000 })), { maxLength: 60 })
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 100 }), (calls, intervalMs) => {
      let nowMs = 0
      let nextFreeMs: number | undefined
      const madeAtMs: number[] = []
      for (const [passedMs, longestWaitMs] of calls) {
        nowMs += passedMs
        const taken = takeTurn(nextFreeMs, nowMs, { intervalMs, longestWaitMs })
        const { turn } = taken
        nextFreeMs = taken.nextFreeMs
        if (turn.kind === "full") {
          expect(turn.retryAfterMs).toBeGreaterThan(longestWaitMs)
          continue
        }
        expect(turn.waitMs).toBeLessThanOrEqual(longestWaitMs)
        madeAtMs.push(nowMs + turn.waitMs)
      }
      for (const [index, atMs] of madeAtMs.entries()) {
        if (index > 0) expect(atMs - (madeAtMs[index - 1] ?? 0)).toBeGreaterThanOrEqual(intervalMs)
      }
    }),
  )
})

test("a pause holds for every later call, also when the call that asked for it found no turn", () => {
  const rules = { intervalMs: 10, longestWaitMs: 100 }
  const refused = takeTurn(undefined, 0, { ...rules, pauseMs: 250 })
  expect(refused.turn).toEqual({ kind: "full", retryAfterMs: 250 })
  expect(takeTurn(refused.nextFreeMs, 200, rules).turn).toEqual({ kind: "turn", waitMs: 50 })
})

describe("a process with turns of its own", () => {
  const isLimited = (answer: string) => answer === "limited"

  test("refuses calls at once when their wait would be longer than allowed, and says when to try again", async () => {
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

  test("repeats a call that the rate limit refused, and stops within the longest wait", async () => {
    const answers = ["limited", "limited", "done"]
    const pace = createPace({ longestWaitMs: 2_000 })
    expect(await pace.inTurn(async () => answers.shift() ?? "", isLimited)).toBe("done")
    const startedMs = performance.now()
    await expect(pace.inTurn(async () => "limited", isLimited)).rejects.toBeInstanceOf(ProviderBusy)
    expect(performance.now() - startedMs).toBeLessThan(2_500)
  })

  test("does not delay calls when no limit is set", async () => {
    const pace = createPace()
    const startedMs = performance.now()
    await Promise.all(Array.from({ length: 500 }, () => pace.inTurn(async () => "done", isLimited)))
    expect(performance.now() - startedMs).toBeLessThan(500)
  })
})

test("the local provider serves its limit of calls in any second, and refused calls do not count", () => {
  let nowMs = 0
  const isTooSoon = createRateLimit(25, () => nowMs)
  const served = () => Array.from({ length: 200 }, isTooSoon).filter((tooSoon) => !tooSoon).length
  expect(served()).toBe(25)
  nowMs = 999
  expect(served()).toBe(0)
  nowMs = 1_000
  expect(served()).toBe(25)
})
