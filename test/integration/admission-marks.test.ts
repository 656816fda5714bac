import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import { maxBacklog } from "../../core/adapters/redis/admission-codec.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { copyLimits } from "../../core/domain/copies.ts"
import { bucketWindowMs, refillMsOf, requestsPerMinute } from "../../core/domain/token-bucket.ts"
import { admissionRequest, clientOf, givenAdmission, partition, reserved } from "../sale/given-admission.ts"

let given: Awaited<ReturnType<typeof givenAdmission>>
beforeAll(async () => {
  given = await givenAdmission()
})
beforeEach(() => given.redis.flushdb())
afterAll(() => given.redis.disconnect())

describe("the rate limit", () => {
  test.each([1, 2, 3, 4] as const)(
    "tier %i spends the limit of a minute at once, and then gets the time to retry after",
    async (tier) => {
      const userId = randomUUID()
      const limit = requestsPerMinute[tier]
      const answers = await Promise.all(
        Array.from({ length: limit + 3 }, () => given.redisAdmission.admit(admissionRequest({ userId, client: clientOf(tier) }))),
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
    expect(await given.answer(admissionRequest({ userId, client: clientOf(2) }))).toBe("rate-limited")
    await given.redis.set(redisKeys.bucket(userId), Date.now() + bucketWindowMs - refillMs)
    expect(await given.answer(admissionRequest({ userId, client: clientOf(2) }))).toBe("admitted")
    expect(await given.answer(admissionRequest({ userId, client: clientOf(2) }))).toBe("rate-limited")
  })

  test("a bucket is deleted after a minute without a request: by then it is full again", async () => {
    const { userId } = admissionRequest()
    await given.redisAdmission.admit(admissionRequest({ userId, client: clientOf(2) }))
    const ttlMs = await given.redis.pttl(redisKeys.bucket(userId))
    expect(ttlMs).toBeGreaterThan(bucketWindowMs - 1_000)
    expect(ttlMs).toBeLessThanOrEqual(bucketWindowMs)
  })

  test("a sold-out answer spends a token, a refusal for a deep backlog does not", async () => {
    const missingMs = async (userId: string) =>
      Number.parseInt((await given.redis.get(redisKeys.bucket(userId))) ?? "", 10) - Date.now()
    const [loser, early] = [admissionRequest({ client: clientOf(1) }), admissionRequest({ client: clientOf(1) })]
    await given.sale({ reserved: 8 })
    await given.redisAdmission.admit(loser)
    expect(await missingMs(loser.userId)).toBeGreaterThan(bucketWindowMs - 1_000)
    await given.sale()
    await given.redis.hset(redisKeys.partition(partition), { end: maxBacklog + 1, next: 0 })
    await given.redisAdmission.admit(early)
    expect(await missingMs(early.userId)).toBeLessThanOrEqual(0)
  })

  test("a request that costs nothing is never limited", async () => {
    const { client: _, ...free } = admissionRequest()
    await given.emptyBucket(free.userId)
    expect(await given.answer(free)).toBe("admitted")
  })
})

describe("equal requests", () => {
  const { freeCopies, maxSendsAtOnce, sendIntervalMs, windowMs } = copyLimits
  const times = (count: number, answer: string) => Array<string>(count).fill(answer)
  /** Makes the last send of a key older. */
  const age = async ({ id }: { id: string }, byMs: number) => {
    const key = `${redisKeys.reservation(id)}:copies`
    const [copies, sends, sentAt] = (await given.redis.get(key))?.split(" ") ?? []
    await given.redis.set(key, `${copies} ${sends} ${Number(sentAt) - byMs}`, "KEEPTTL")
  }

  test("20 at once are admitted as one: one view, one token, a few sends; copies beyond the free ones cost tokens", async () => {
    await given.sale()
    const same = admissionRequest({ client: clientOf(1) })
    const answers = await Promise.all(Array.from({ length: 20 }, () => given.answer(same)))
    const pending = 1 + freeCopies - maxSendsAtOnce
    expect(answers).toEqual([
      ...times(maxSendsAtOnce, "admitted"),
      ...times(pending, "pending"),
      ...times(20 - maxSendsAtOnce - pending, "rate-limited"),
    ])
    expect(await given.shown(same.id)).toMatchObject({ status: "ADMITTED", bodyHash: same.bodyHash })
  })

  test("20 at once over as many connections are admitted as one, too", async () => {
    const clients = Array.from({ length: 20 }, () => redisClient(given.url))
    await Promise.all(clients.map(firstContact))
    const same = admissionRequest()
    const admissions = await Promise.all(clients.map((client) => createRedisAdmission(client).admit(same)))
    for (const client of clients) client.disconnect()
    const kinds = admissions.map(({ kind }) => kind).sort()
    expect(kinds).toEqual([...times(maxSendsAtOnce, "admitted"), ...times(20 - maxSendsAtOnce, "pending")])
  })

  test("an undecided key is sent again once the send before it must have ended: a lost record still reaches the queue", async () => {
    const lost = admissionRequest()
    const answers = () => Promise.all([given.answer(lost), given.answer(lost)])
    expect([await given.answer(lost), ...(await answers())]).toEqual(times(3, "admitted"))
    expect(await answers()).toEqual(times(2, "pending"))
    await age(lost, sendIntervalMs - 200)
    expect(await answers()).toEqual(times(2, "pending"))
    await age(lost, 200)
    expect(await answers()).toEqual(["admitted", "pending"])
  })

  test.each(["RESERVED", "REFUSED", "QUEUED"] as const)(
    "copies of a key that is %s get the same answer at the rate of any request, and are marked as decided",
    async (status) => {
      const client = clientOf(2)
      const known = admissionRequest({ client })
      await given.show({ ...reserved(known), status })
      const admissions = await Promise.all(Array.from({ length: 200 }, () => given.redisAdmission.admit(known)))
      const seen = admissions.filter(({ kind }) => kind === "seen")
      expect(seen).toHaveLength(freeCopies + requestsPerMinute[2])
      const last = admissions.at(-1)
      expect(last).toMatchObject({ kind: "refused", reason: "rate-limited" })
      expect(last).toHaveProperty("retryAfterSeconds")
      expect(last?.kind === "refused" && (last.isDecided ?? false)).toBe(status !== "QUEUED")
      expect(await given.answer(admissionRequest({ userId: known.userId, client }))).toBe("rate-limited")
    },
  )

  test("copies with another body are limited like the others", async () => {
    const known = admissionRequest({ client: clientOf(1) })
    await given.show(reserved(known))
    const answers = await Promise.all(Array.from({ length: 10 }, () => given.answer({ ...known, bodyHash: 43 })))
    expect(answers).toEqual([...times(freeCopies + 1, "idempotency-key-reused"), ...times(9 - freeCopies, "rate-limited")])
  })

  test("the free copies of a key come back after a minute; copies of a call that costs nothing are always free", async () => {
    const known = admissionRequest({ client: clientOf(1) })
    await given.show(reserved(known))
    await given.emptyBucket(known.userId)
    const answers = await Promise.all(Array.from({ length: 5 }, () => given.answer(known)))
    expect(answers).toEqual([...times(freeCopies, "seen"), ...times(5 - freeCopies, "rate-limited")])
    const ttlMs = await given.redis.pttl(`${redisKeys.reservation(known.id)}:copies`)
    expect(ttlMs).toBeGreaterThan(windowMs - 5_000)
    expect(ttlMs).toBeLessThanOrEqual(windowMs)
    await given.redis.del(`${redisKeys.reservation(known.id)}:copies`)
    expect(await given.answer(known)).toBe("seen")
    const { client: _, ...free } = known
    expect(await Promise.all(Array.from({ length: 10 }, () => given.answer(free)))).toEqual(times(10, "seen"))
  })

  test("a few retries are no signal of a script, and more of them are", async () => {
    const known = admissionRequest({ client: clientOf(4) })
    await given.show(reserved(known))
    for (let copy = 0; copy < freeCopies; copy += 1) await given.answer(known)
    expect(await given.redis.exists(redisKeys.bucket(known.userId))).toBe(0)
    for (let copy = 0; copy < 8; copy += 1) await given.answer(known)
    expect(await given.redisAdmission.admit(admissionRequest({ userId: known.userId }))).toMatchObject({ behaviour: ["busy"] })
  })
})

describe("the mark of a queued request", () => {
  test("it follows the admission and moves the end of the queue", async () => {
    const admitted = admissionRequest()
    await given.redisAdmission.admit(admitted)
    await given.redisAdmission.markQueued(admitted, { partition, offset: 9 })
    expect(await given.shown(admitted.id)).toMatchObject({ status: "QUEUED", partition, offset: 9 })
    expect(await given.redis.hget(redisKeys.partition(partition), "end")).toBe("10")
  })

  test("it never replaces a decision that came first", async () => {
    const admitted = admissionRequest()
    for (const status of ["RESERVED", "WAITLISTED", "REFUSED", "CONFIRMED", "EXPIRED", "CANCELLED", "LAPSED"] as const) {
      await given.show({ ...reserved(admitted), status })
      await given.redisAdmission.markQueued(admitted, { partition, offset: 9 })
      expect(await given.shown(admitted.id)).toMatchObject({ status })
    }
  })

  test("a record that was queued twice keeps its first position, in any order of the acknowledgements", async () => {
    for (const offsets of [
      [9, 14, 11],
      [14, 11, 9],
      [11, 9, 14],
    ]) {
      const copied = admissionRequest()
      const known: number[] = []
      for (const offset of offsets) known.push((await given.redisAdmission.markQueued(copied, { partition, offset })).offset)
      expect(known).toEqual(offsets.map((_, index) => Math.min(...offsets.slice(0, index + 1))))
      expect(await given.shown(copied.id)).toMatchObject({ status: "QUEUED", partition, offset: 9 })
    }
  })

  test("a copy gets the first position even if the request is already decided there", async () => {
    const copied = admissionRequest()
    await given.show({ ...reserved(copied), partition, offset: 9 })
    expect(await given.redisAdmission.markQueued(copied, { partition, offset: 14 })).toEqual({ partition, offset: 9 })
  })

  test("the end of the queue never goes back", async () => {
    await given.redisAdmission.markQueued(admissionRequest(), { partition, offset: 9 })
    await given.redisAdmission.markQueued(admissionRequest(), { partition, offset: 4 })
    expect(await given.redis.hget(redisKeys.partition(partition), "end")).toBe("10")
  })
})
