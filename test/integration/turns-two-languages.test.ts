import { randomUUID } from "node:crypto"
import fc from "fast-check"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import takeTurnScript from "../../core/adapters/redis/scripts/take-turn.lua"
import { type Turn, takeTurn } from "../../core/domain/pace.ts"
import { clockKey, withPlantedClock } from "../sale/planted-clock.ts"
import { freshRedis } from "../services/redis.ts"

let redis: Redis
beforeAll(async () => {
  redis = new Redis(await freshRedis(), { enableAutoPipelining: true })
})
afterAll(() => redis.disconnect())

interface Call {
  readonly passedMs: number
  readonly longestWaitMs: number
  readonly pauseMs: number
}

const calls = fc.array(
  fc.record<Call>({
    passedMs: fc.oneof(fc.constantFrom(0, 1, 40), fc.integer({ min: 0, max: 400 })),
    longestWaitMs: fc.oneof(fc.constantFrom(0, 40, 80), fc.integer({ min: 0, max: 3_000 })),
    pauseMs: fc.constantFrom(0, 0, 0, 250),
  }),
  { minLength: 1, maxLength: 25 },
)
const intervals = fc.constantFrom(0, 1, 20, 40, 333)

/** Feeds the same calls to the script and to a rule, and compares every turn. */
const compare = (script: string, rule: typeof takeTurn) =>
  fc.asyncProperty(calls, intervals, async (some, intervalMs) => {
    const key = randomUUID()
    let nowMs = 1_000_000
    let nextFreeMs: number | undefined
    for (const { passedMs, longestWaitMs, pauseMs } of some) {
      nowMs += passedMs
      const us = [intervalMs, longestWaitMs, pauseMs].map((milliseconds) => milliseconds * 1_000)
      const [, said] = await Promise.all([redis.set(clockKey, nowMs), redis.eval(withPlantedClock(script), 1, key, ...us)])
      const [waitUs, isTaken] = said as [string, number]
      const waitMs = Number(waitUs) / 1_000
      const given: Turn = isTaken === 1 ? { kind: "turn", waitMs } : { kind: "full", retryAfterMs: waitMs }
      const taken = rule(nextFreeMs, nowMs, { intervalMs, longestWaitMs, pauseMs })
      nextFreeMs = taken.nextFreeMs
      expect({ nowMs, ...given }).toEqual({ nowMs, ...taken.turn })
    }
  })

/** True if some sequence gets different turns from the two; any other failure is thrown. */
async function isNoticed(script: string, rule: typeof takeTurn): Promise<boolean> {
  const { failed, errorInstance } = await fc.check(compare(script, rule), { numRuns: 200, endOnFailure: true })
  if (failed && (errorInstance as Error).name !== "AssertionError") throw errorInstance
  return failed
}

test("the script gives the same turn as the domain's rule for every call of a sequence", async () => {
  await fc.assert(compare(takeTurnScript, takeTurn), { numRuns: 100 })
})

test.each([
  ["a pause delays nobody", "now + ARGV[3]", "now"],
  ["a wait of exactly the limit is too long", "wait <= tonumber", "wait < tonumber"],
  ["a turn that was refused is counted", "if taken then", "if true then"],
  ["a pause is forgotten when its call found no turn", "if free > now then", "if taken and free > now then"],
  ["turns are free too early", 'redis.call("GET", KEYS[1]) or now', "now"],
])("a script in which %s is noticed", async (_fault, right, wrong) => {
  expect(takeTurnScript).toContain(right)
  expect(await isNoticed(takeTurnScript.replace(right, wrong), takeTurn)).toBe(true)
})

test.each<[string, typeof takeTurn]>([
  ["a turn takes no time", (free, now, rules) => takeTurn(free, now, { ...rules, intervalMs: 0 })],
  ["a pause is forgotten", (free, now, rules) => takeTurn(free, now, { ...rules, pauseMs: 0 })],
])("a domain in which %s is noticed", async (_fault, wrong) => {
  expect(await isNoticed(takeTurnScript, wrong)).toBe(true)
})
