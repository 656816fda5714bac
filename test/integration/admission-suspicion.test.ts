import { randomUUID } from "node:crypto"
import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import {
  type Arrivals,
  addArrival,
  arrivalLimits,
  behaviourOf,
  isBusySource,
  type SourceArrivals,
} from "../../core/domain/arrivals.ts"
import { type Client, judge, type RequestSignal } from "../../core/domain/suspicion.ts"
import { bucketWindowMs, type Tier } from "../../core/domain/token-bucket.ts"
import { admissionRequest, clientOf, givenAdmission } from "../sale/given-admission.ts"

let given: Awaited<ReturnType<typeof givenAdmission>>
beforeAll(async () => {
  given = await givenAdmission()
})
beforeEach(() => given.redis.flushdb())
afterAll(() => given.redis.disconnect())

const { maxGaps, crowdUsers, maxUsers } = arrivalLimits
const flaggedClient = (more: Partial<Client> = {}): Client => clientOf(2, { signals: ["no-visit", "odd-hello"], ...more })

/** A bucket as the script keeps it: full, last used so long ago, after these gaps, the youngest first. */
const bucketText = (arrivals: Arrivals) => [arrivals.lastMs, 0, arrivals.lastMs, ...arrivals.gapsMs].join(" ")

describe("a flagged client", () => {
  test("has one try a minute, for any tier in its token", async () => {
    const client = flaggedClient()
    const userId = randomUUID()
    expect(await given.answer(admissionRequest({ userId, client }))).toBe("admitted")
    const second = await given.redisAdmission.admit(admissionRequest({ userId, client }))
    expect(second).toMatchObject({ kind: "refused", reason: "rate-limited" })
    expect(second.kind === "refused" && second.retryAfterSeconds).toBeGreaterThan(50)
  })

  test("shares it with every other flagged client of its source, under any name", async () => {
    const client = flaggedClient({ source: "0123456789abcdef" })
    const answers = await Promise.all(Array.from({ length: 10 }, () => given.answer(admissionRequest({ client }))))
    expect(answers).toEqual(["admitted", ...Array(9).fill("rate-limited")])
    expect(await given.answer(admissionRequest({ client: flaggedClient({ source: "fedcba9876543210" }) }))).toBe("admitted")
  })

  test("takes nothing from clients of its source that are not flagged", async () => {
    const source = "0123456789abcdef"
    await given.answer(admissionRequest({ client: flaggedClient({ source }) }))
    const colleagues = Array.from({ length: 10 }, () => given.answer(admissionRequest({ client: clientOf(2, { source }) })))
    expect(await Promise.all(colleagues)).toEqual(Array(10).fill("admitted"))
  })

  test("keeps its answer: a retry gets the same answer and spends nothing", async () => {
    const request = admissionRequest({ client: flaggedClient() })
    expect([await given.answer(request), await given.answer(request)]).toEqual(["admitted", "admitted"])
  })

  test("a refused try counts as a try: a client that continues at once stays regular", async () => {
    const userId = randomUUID()
    await given.emptyBucket(userId)
    await given.answer(admissionRequest({ userId }))
    await given.answer(admissionRequest({ userId }))
    expect((await given.redis.get(redisKeys.bucket(userId)))?.split(" ")).toHaveLength(4)
  })
})

describe("a suspicion", () => {
  test("lasts for a minute, even if its signals come and go", async () => {
    const userId = randomUUID()
    await given.answer(admissionRequest({ userId, client: flaggedClient() }))
    const calm = await given.redisAdmission.admit(admissionRequest({ userId, client: clientOf(2) }))
    expect(calm).toMatchObject({ kind: "refused", reason: "rate-limited", behaviour: ["lately"] })
    await given.redis.set(redisKeys.bucket(userId), `${Date.now()} ${Date.now() - 1} ${Date.now() - 1}`)
    expect(await given.answer(admissionRequest({ userId, client: clientOf(2) }))).toBe("admitted")
  })

  test("is not renewed by itself: a client that slows down is flagged no longer than that", async () => {
    const userId = randomUUID()
    await given.answer(admissionRequest({ userId, client: flaggedClient() }))
    const until = async () => (await given.redis.get(redisKeys.bucket(userId)))?.split(" ")[1]
    const first = await until()
    await given.answer(admissionRequest({ userId, client: clientOf(2) }))
    expect(await until()).toBe(first)
  })
})

describe("a shared address", () => {
  test("makes a crowd of many users, and none of them is flagged", async () => {
    const client = clientOf(2, { source: "0123456789abcdef", signals: ["odd-hello"] })
    const office = Array.from({ length: crowdUsers + 5 }, () => given.redisAdmission.admit(admissionRequest({ client })))
    const answers = await Promise.all(office)
    expect(answers.map(({ kind }) => kind)).toEqual(Array(crowdUsers + 5).fill("admitted"))
    expect(answers.filter((answer) => answer.kind === "admitted" && answer.behaviour.includes("crowd"))).toHaveLength(6)
  })

  test("the data of a source is bounded for any number of users, and deleted after a minute", async () => {
    const client = clientOf(2, { source: "0123456789abcdef" })
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => given.redisAdmission.admit(admissionRequest({ client }))))
    }
    const key = redisKeys.source("0123456789abcdef")
    expect((await given.redis.get(key))?.length).toBeLessThan(1_000)
    expect(await given.redis.pttl(key)).toBeLessThanOrEqual(bucketWindowMs)
  })
})

/** A source after one more request, of a user who is new to it. After a minute it starts again. */
function sourceOf(
  { users, requests, wasBusy, sinceMs }: { users: number; requests: number; wasBusy: boolean; sinceMs: number },
  arrivals: Arrivals,
): SourceArrivals {
  const before = { arrivals, requests, users: Math.min(users, maxUsers), wasBusy }
  if (sinceMs >= bucketWindowMs) return { arrivals, requests: 1, users: 1, wasBusy: isBusySource(before) }
  return { ...before, requests: requests + 1, users: Math.min(users + 1, maxUsers) }
}

test("the script judges as the domain does, for any history and any client", async () => {
  const gaps = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: maxGaps }),
    fc
      .tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 0, max: maxGaps }))
      .map(([gap, count]) => Array<number>(count).fill(gap)),
  )
  const history = fc.record({ agoMs: fc.integer({ min: 200, max: 4_000 }), gaps })
  const signals = fc.subarray<RequestSignal>([
    "new-account",
    "no-visit",
    "odd-headers",
    "odd-hello",
    "edge-fingerprint",
    "edge-bot",
  ])
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Tier>(1, 2, 3, 4),
      signals,
      history,
      fc.option(
        fc.record({
          history,
          users: fc.integer({ min: 0, max: maxUsers + 1 }),
          requests: fc.integer({ min: 0, max: 250 }),
          wasBusy: fc.boolean(),
          sinceMs: fc.constantFrom(20_000, 2 * bucketWindowMs),
        }),
      ),
      async (tier, requestSignals, own, shared) => {
        const nowMs = Date.now()
        const arrivalsOf = ({ agoMs, gaps: gapsMs }: typeof own): Arrivals => ({ lastMs: nowMs - agoMs, gapsMs })
        const userId = randomUUID()
        const source = shared ? randomUUID() : undefined
        await given.redis.set(redisKeys.bucket(userId), bucketText(arrivalsOf(own)))
        if (shared && source) {
          const users = Array.from(
            { length: Math.min(shared.users, maxUsers) },
            (_, index) => `${String(index).padStart(8, "0")};`,
          )
          const minute = `${nowMs - shared.sinceMs} ${shared.requests} ${shared.wasBusy ? 1 : 0}`
          await given.redis.set(redisKeys.source(source), `${bucketText(arrivalsOf(shared.history))}|${minute}|${users.join("")}`)
        }
        const client: Client = { tier, signals: requestSignals, ...(source && { source }) }
        const admission = await given.redisAdmission.admit(admissionRequest({ userId, client }))
        // The script wrote the moment that it used as now.
        const [, , cameAt] = ((await given.redis.get(redisKeys.bucket(userId))) ?? "").split(" ")
        const expected = behaviourOf(
          addArrival(arrivalsOf(own), Number(cameAt)),
          shared ? sourceOf(shared, addArrival(arrivalsOf(shared.history), Number(cameAt))) : undefined,
        )
        expect(admission).toMatchObject({ kind: "admitted", behaviour: expected })
        // Every bucket was full. A client whose bucket is not full again for a minute is flagged.
        const [fullAt] = ((await given.redis.get(redisKeys.bucket(userId))) ?? "").split(" ")
        expect(Number(fullAt) - Number(cameAt) === bucketWindowMs).toBe(judge(client, expected).tier === 1)
      },
    ),
    { numRuns: 300 },
  )
})
