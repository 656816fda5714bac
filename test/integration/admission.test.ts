import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
  type AdmissionDesk,
  type AdmissionRequest,
  createAdmissionDesk,
  maxBacklog,
  undecidedView,
} from "../../core/adapters/redis/admission.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { decodeReservationView, encodeReservationView, type ReservationView } from "../../core/adapters/redis/reservation-view.ts"
import { bucketWindowMs, refillMsOf, requestsPerMinute } from "../../core/domain/token-bucket.ts"
import { freshRedis } from "../services/redis.ts"

const skuNo = 7
const partition = 3
const minuteMs = 60_000

let redis: Redis
let desk: AdmissionDesk
beforeAll(async () => {
  redis = redisClient(await freshRedis())
  await firstContact(redis)
  desk = createAdmissionDesk(redis)
})
beforeEach(() => redis.flushdb())
afterAll(() => redis.disconnect())

const request = (more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  id: randomUUID(),
  userId: randomUUID(),
  owner: 1,
  skuNo,
  partition,
  quantity: 1,
  joinWaitlist: false,
  bodyHash: 42,
  refillMs: refillMsOf(4),
  mode: "batch",
  ...more,
})

/** The sale as Redis knows it; five units are left unless said otherwise. */
const sale = (fields: Record<string, string | number> = {}) =>
  redis.hset(redisKeys.sale(skuNo), {
    seq: 1,
    status: "open",
    mode: "batch",
    total: 10,
    reserved: 3,
    sold: 2,
    waitlisted: 0,
    waitlist_limit: 0,
    complete: 1,
    ...fields,
  })
const show = (view: ReservationView) => redis.set(redisKeys.reservation(view.id), encodeReservationView(view))
const shown = async (id: string) => {
  const text = await redis.get(redisKeys.reservation(id))
  return text === null ? undefined : decodeReservationView(id, text)
}
const reserved = (of: AdmissionRequest): ReservationView => ({ ...undecidedView(of), status: "RESERVED", seq: 5, expiresAtMs: 1 })
const emptyBucket = (userId: string) => redis.set(redisKeys.bucket(userId), Date.now() + bucketWindowMs)
const answer = async (of: AdmissionRequest) => {
  const admission = await desk.admit(of)
  return admission.kind === "refused" ? admission.reason : admission.kind
}

describe("a request that was seen before", () => {
  test("another body under the same key is refused, whatever became of the first", async () => {
    await sale()
    const first = request()
    await desk.admit(first)
    expect(await answer({ ...first, bodyHash: 43 })).toBe("idempotency-key-reused")
    await show(reserved(first))
    expect(await answer({ ...first, bodyHash: 43 })).toBe("idempotency-key-reused")
  })

  test("a decision is answered with what is left of its hold, and spends nothing", async () => {
    const winner = request({ refillMs: refillMsOf(1) })
    await redis.set(redisKeys.reservation(winner.id), encodeReservationView(reserved(winner)), "PX", 90_000)
    const admission = await desk.admit(winner)
    if (admission.kind !== "seen") throw new Error(admission.kind)
    expect(admission.seen).toMatchObject({ status: "RESERVED", seq: 5 })
    expect(admission.seen.remainingMs).toBeGreaterThan(89_000)
    expect(await redis.exists(redisKeys.bucket(winner.userId))).toBe(0)
  })

  test("a place in line is answered with how far the line has come", async () => {
    const queued = request()
    await show(undecidedView(queued, { partition, offset: 12 }))
    await redis.hset(redisKeys.line(partition), { next: 10, rate: 900, end: 13 })
    expect(await desk.admit(queued)).toMatchObject({
      kind: "seen",
      seen: { status: "QUEUED", partition, offset: 12 },
      line: { nextOffset: 10, decisionsPerSecond: 900 },
    })
  })

  test("one that was admitted and perhaps never produced goes on, whatever the sale has come to, and pays no second token", async () => {
    await sale()
    const lost = request({ refillMs: refillMsOf(1) })
    expect(await answer(lost)).toBe("admitted")
    await sale({ reserved: 10, sold: 0, status: "closed" })
    expect(await answer(lost)).toBe("admitted")
    expect(await answer(request({ userId: lost.userId, refillMs: refillMsOf(1) }))).toBe("sale-closed")
  })

  test("it comes before everything else", async () => {
    const winner = request()
    await show(reserved(winner))
    await sale({ mode: "halted", status: "closed" })
    expect(await answer(winner)).toBe("seen")
  })
})

describe("reasons to refuse, in their order", () => {
  test("halted, not open, closed, rate-limited, sold out, backlog: each hides those behind it", async () => {
    const userId = randomUUID()
    const ask = () => answer(request({ userId }))
    await redis.hset(redisKeys.line(partition), { end: maxBacklog + 1, next: 0 })
    await sale({ mode: "halted", status: "draft", reserved: 8 })
    await emptyBucket(userId)

    expect(await ask()).toBe("sale-halted")
    await sale({ mode: "batch", status: "draft", reserved: 8 })
    expect(await ask()).toBe("sale-not-open")
    await sale({ status: "closed", reserved: 8 })
    expect(await ask()).toBe("sale-closed")
    await sale({ reserved: 8 })
    expect(await ask()).toBe("rate-limited")
    await redis.del(redisKeys.bucket(userId))
    expect(await ask()).toBe("sold-out")
    await sale({ reserved: 7 })
    expect(await ask()).toBe("temporarily-unavailable")
    await redis.hset(redisKeys.line(partition), { next: 1 })
    expect(await ask()).toBe("admitted")
  })

  test("nothing is stored about a request that is refused", async () => {
    await sale({ reserved: 8 })
    const refused = request()
    expect(await answer(refused)).toBe("sold-out")
    expect(await shown(refused.id)).toBeUndefined()
  })

  test("a draft opens by itself and an open sale closes by itself, by the clock of Redis", async () => {
    const [seconds] = await redis.time()
    const nowMs = Number(seconds) * 1_000
    await sale({ status: "draft", opens_at_ms: nowMs + minuteMs })
    expect(await answer(request())).toBe("sale-not-open")
    await sale({ status: "draft", opens_at_ms: nowMs - 1 })
    expect(await answer(request())).toBe("admitted")
    await sale({ closes_at_ms: nowMs - 1 })
    expect(await answer(request())).toBe("sale-closed")
  })

  test("the waitlist lets in who would join it, as long as it has room", async () => {
    await sale({ reserved: 8, waitlist_limit: 2, waitlisted: 1 })
    expect(await answer(request())).toBe("sold-out")
    expect(await answer(request({ joinWaitlist: true }))).toBe("admitted")
    await sale({ reserved: 8, waitlist_limit: 2, waitlisted: 2 })
    expect(await answer(request({ joinWaitlist: true }))).toBe("sold-out")
  })

  test("what is left must suffice for the whole quantity", async () => {
    await sale()
    expect(await answer(request({ quantity: 5 }))).toBe("admitted")
    expect(await answer(request({ quantity: 6 }))).toBe("sold-out")
  })
})

describe("a Redis that does not know everything", () => {
  test("a sale it does not know lets requests through", async () => {
    expect(await answer(request())).toBe("admitted")
  })

  test("a halt is kept even when Redis has forgotten it", async () => {
    expect(await answer(request({ mode: "halted" }))).toBe("sale-halted")
  })

  test("without the complete mark nobody is told sold out or closed", async () => {
    await sale({ reserved: 8 })
    await redis.hdel(redisKeys.sale(skuNo), "complete")
    expect(await answer(request())).toBe("admitted")
    await sale({ status: "closed" })
    await redis.hdel(redisKeys.sale(skuNo), "complete")
    expect(await answer(request())).toBe("admitted")
  })

  test("after FLUSHALL a winner's retry goes into the line again and reads no refusal", async () => {
    await sale({ reserved: 8 })
    const winner = request()
    await show(reserved(winner))
    await redis.flushdb()
    // What is projected next knows the stock but not the winner: it brings no complete mark.
    await sale({ reserved: 8 })
    await redis.hdel(redisKeys.sale(skuNo), "complete")
    expect(await answer(winner)).toBe("admitted")
  })
})

describe("the rate limit", () => {
  test.each([1, 2, 3, 4] as const)("tier %i spends its minute's limit at once and is then told when to come back", async (tier) => {
    const userId = randomUUID()
    const limit = requestsPerMinute[tier]
    const answers = await Promise.all(
      Array.from({ length: limit + 3 }, () => desk.admit(request({ userId, refillMs: refillMsOf(tier) }))),
    )
    expect(answers.filter(({ kind }) => kind === "admitted")).toHaveLength(limit)
    expect(answers.at(-1)).toEqual({
      kind: "refused",
      reason: "rate-limited",
      retryAfterSeconds: Math.ceil(refillMsOf(tier) / 1_000),
    })
  })

  test("a spent token comes back after its share of a minute", async () => {
    const userId = randomUUID()
    const refillMs = refillMsOf(2)
    await emptyBucket(userId)
    expect(await answer(request({ userId, refillMs }))).toBe("rate-limited")
    await redis.set(redisKeys.bucket(userId), Date.now() + bucketWindowMs - refillMs)
    expect(await answer(request({ userId, refillMs }))).toBe("admitted")
    expect(await answer(request({ userId, refillMs }))).toBe("rate-limited")
  })

  test("a bucket is forgotten as soon as it is full again", async () => {
    const { userId } = request()
    await desk.admit(request({ userId, refillMs: refillMsOf(2) }))
    const ttlMs = await redis.pttl(redisKeys.bucket(userId))
    expect(ttlMs).toBeGreaterThan(0)
    expect(ttlMs).toBeLessThanOrEqual(refillMsOf(2))
  })

  test("who is told sold out has spent a token, who meets a deep backlog has not", async () => {
    const [loser, early] = [request(), request()]
    await sale({ reserved: 8 })
    await desk.admit(loser)
    expect(await redis.exists(redisKeys.bucket(loser.userId))).toBe(1)
    await sale()
    await redis.hset(redisKeys.line(partition), { end: maxBacklog + 1, next: 0 })
    await desk.admit(early)
    expect(await redis.exists(redisKeys.bucket(early.userId))).toBe(0)
  })

  test("a request that costs nothing is never limited", async () => {
    const userId = randomUUID()
    await emptyBucket(userId)
    expect(await answer(request({ userId, refillMs: 0 }))).toBe("admitted")
  })
})

describe("equal requests", () => {
  test("20 at once are admitted as one: one view, one token", async () => {
    await sale()
    const same = request({ refillMs: refillMsOf(1) })
    const answers = await Promise.all(Array.from({ length: 20 }, () => answer(same)))
    expect(answers).toEqual(Array(20).fill("admitted"))
    expect(await shown(same.id)).toMatchObject({ status: "ADMITTED", bodyHash: same.bodyHash })
    expect(await answer(request({ userId: same.userId, refillMs: refillMsOf(1) }))).toBe("rate-limited")
  })

  test("20 at once over as many connections are admitted as one, too", async () => {
    const url = `redis://${redis.options.host}:${redis.options.port}/${redis.options.db}`
    const clients = Array.from({ length: 20 }, () => redisClient(url))
    await Promise.all(clients.map(firstContact))
    const same = request({ refillMs: refillMsOf(1) })
    const admissions = await Promise.all(clients.map((client) => createAdmissionDesk(client).admit(same)))
    for (const client of clients) client.disconnect()
    expect(admissions.map(({ kind }) => kind)).toEqual(Array(20).fill("admitted"))
    expect(await answer(request({ userId: same.userId, refillMs: refillMsOf(1) }))).toBe("rate-limited")
  })
})

describe("the mark of a place in line", () => {
  test("it follows the admission and moves the end of the line", async () => {
    const admitted = request()
    await desk.admit(admitted)
    await desk.markQueued(admitted, { partition, offset: 9 })
    expect(await shown(admitted.id)).toMatchObject({ status: "QUEUED", partition, offset: 9 })
    expect(await redis.hget(redisKeys.line(partition), "end")).toBe("10")
  })

  test("it never hides a decision that came first", async () => {
    const admitted = request()
    for (const status of ["RESERVED", "WAITLISTED", "REFUSED", "CONFIRMED", "EXPIRED", "CANCELLED", "LAPSED"] as const) {
      await show({ ...reserved(admitted), status })
      await desk.markQueued(admitted, { partition, offset: 9 })
      expect(await shown(admitted.id)).toMatchObject({ status })
    }
  })

  test("a record that came to the line twice keeps its first place", async () => {
    const twice = request()
    await desk.markQueued(twice, { partition, offset: 9 })
    await desk.markQueued(twice, { partition, offset: 14 })
    expect(await shown(twice.id)).toMatchObject({ offset: 9 })
  })

  test("the end of the line never goes back", async () => {
    await desk.markQueued(request(), { partition, offset: 9 })
    await desk.markQueued(request(), { partition, offset: 4 })
    expect(await redis.hget(redisKeys.line(partition), "end")).toBe("10")
  })
})
