import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createAdmissionDesk, maxBacklog } from "../../core/adapters/redis/admission.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { bucketWindowMs, refillMsOf, requestsPerMinute } from "../../core/domain/token-bucket.ts"
import { admissionRequest, askerOf, givenAdmission, partition, reserved } from "../sale/given-admission.ts"

let given: Awaited<ReturnType<typeof givenAdmission>>
beforeAll(async () => {
  given = await givenAdmission()
})
beforeEach(() => given.redis.flushdb())
afterAll(() => given.redis.disconnect())

describe("the rate limit", () => {
  test.each([1, 2, 3, 4] as const)(
    "tier %i spends its minute's limit at once and is then told when to come back",
    async (tier) => {
      const userId = randomUUID()
      const limit = requestsPerMinute[tier]
      const answers = await Promise.all(
        Array.from({ length: limit + 3 }, () => given.desk.admit(admissionRequest({ userId, asker: askerOf(tier) }))),
      )
      expect(answers.filter(({ kind }) => kind === "admitted")).toHaveLength(limit)
      expect(answers.at(-1)).toMatchObject({
        kind: "refused",
        reason: "rate-limited",
        retryAfterSeconds: Math.ceil(refillMsOf(tier) / 1_000),
      })
    },
  )

  test("a spent token comes back after its share of a minute", async () => {
    const userId = randomUUID()
    const refillMs = refillMsOf(2)
    await given.emptyBucket(userId)
    expect(await given.answer(admissionRequest({ userId, asker: askerOf(2) }))).toBe("rate-limited")
    await given.redis.set(redisKeys.bucket(userId), Date.now() + bucketWindowMs - refillMs)
    expect(await given.answer(admissionRequest({ userId, asker: askerOf(2) }))).toBe("admitted")
    expect(await given.answer(admissionRequest({ userId, asker: askerOf(2) }))).toBe("rate-limited")
  })

  test("a bucket is forgotten after a minute without a request, when it is full in any case", async () => {
    const { userId } = admissionRequest()
    await given.desk.admit(admissionRequest({ userId, asker: askerOf(2) }))
    const ttlMs = await given.redis.pttl(redisKeys.bucket(userId))
    expect(ttlMs).toBeGreaterThan(bucketWindowMs - 1_000)
    expect(ttlMs).toBeLessThanOrEqual(bucketWindowMs)
  })

  test("who is told sold out has spent a token, who meets a deep backlog has not", async () => {
    const missingMs = async (userId: string) =>
      Number.parseInt((await given.redis.get(redisKeys.bucket(userId))) ?? "", 10) - Date.now()
    const [loser, early] = [admissionRequest({ asker: askerOf(1) }), admissionRequest({ asker: askerOf(1) })]
    await given.sale({ reserved: 8 })
    await given.desk.admit(loser)
    expect(await missingMs(loser.userId)).toBeGreaterThan(bucketWindowMs - 1_000)
    await given.sale()
    await given.redis.hset(redisKeys.line(partition), { end: maxBacklog + 1, next: 0 })
    await given.desk.admit(early)
    expect(await missingMs(early.userId)).toBeLessThanOrEqual(0)
  })

  test("a request that costs nothing is never limited", async () => {
    const { asker: _, ...free } = admissionRequest()
    await given.emptyBucket(free.userId)
    expect(await given.answer(free)).toBe("admitted")
  })
})

describe("equal requests", () => {
  test("20 at once are admitted as one: one view, one token", async () => {
    await given.sale()
    const same = admissionRequest({ asker: askerOf(1) })
    const answers = await Promise.all(Array.from({ length: 20 }, () => given.answer(same)))
    expect(answers).toEqual(Array(20).fill("admitted"))
    expect(await given.shown(same.id)).toMatchObject({ status: "ADMITTED", bodyHash: same.bodyHash })
    expect(await given.answer(admissionRequest({ userId: same.userId, asker: askerOf(1) }))).toBe("rate-limited")
  })

  test("20 at once over as many connections are admitted as one, too", async () => {
    const clients = Array.from({ length: 20 }, () => redisClient(given.url))
    await Promise.all(clients.map(firstContact))
    const same = admissionRequest({ asker: askerOf(1) })
    const admissions = await Promise.all(clients.map((client) => createAdmissionDesk(client).admit(same)))
    for (const client of clients) client.disconnect()
    expect(admissions.map(({ kind }) => kind)).toEqual(Array(20).fill("admitted"))
    expect(await given.answer(admissionRequest({ userId: same.userId, asker: askerOf(1) }))).toBe("rate-limited")
  })
})

describe("the mark of a place in line", () => {
  test("it follows the admission and moves the end of the line", async () => {
    const admitted = admissionRequest()
    await given.desk.admit(admitted)
    await given.desk.markQueued(admitted, { partition, offset: 9 })
    expect(await given.shown(admitted.id)).toMatchObject({ status: "QUEUED", partition, offset: 9 })
    expect(await given.redis.hget(redisKeys.line(partition), "end")).toBe("10")
  })

  test("it never hides a decision that came first", async () => {
    const admitted = admissionRequest()
    for (const status of ["RESERVED", "WAITLISTED", "REFUSED", "CONFIRMED", "EXPIRED", "CANCELLED", "LAPSED"] as const) {
      await given.show({ ...reserved(admitted), status })
      await given.desk.markQueued(admitted, { partition, offset: 9 })
      expect(await given.shown(admitted.id)).toMatchObject({ status })
    }
  })

  test("a record that came to the line twice keeps its first place", async () => {
    const twice = admissionRequest()
    await given.desk.markQueued(twice, { partition, offset: 9 })
    await given.desk.markQueued(twice, { partition, offset: 14 })
    expect(await given.shown(twice.id)).toMatchObject({ offset: 9 })
  })

  test("the end of the line never goes back", async () => {
    await given.desk.markQueued(admissionRequest(), { partition, offset: 9 })
    await given.desk.markQueued(admissionRequest(), { partition, offset: 4 })
    expect(await given.redis.hget(redisKeys.line(partition), "end")).toBe("10")
  })
})
