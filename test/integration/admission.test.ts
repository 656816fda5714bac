import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { maxBacklog } from "../../core/adapters/redis/admission-codec.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { undecidedView } from "../../core/domain/reservation-view.ts"
import { admissionRequest, clientOf, givenAdmission, partition, reserved, skuNo } from "../sale/given-admission.ts"

let given: Awaited<ReturnType<typeof givenAdmission>>
beforeAll(async () => {
  given = await givenAdmission()
})
beforeEach(() => given.redis.flushdb())
afterAll(() => given.redis.disconnect())

describe("a request that was seen before", () => {
  test("another body under the same key is refused, in every state of the first request", async () => {
    await given.sale()
    const first = admissionRequest()
    await given.redisAdmission.admit(first)
    expect(await given.answer({ ...first, bodyHash: 43 })).toBe("idempotency-key-reused")
    await given.show(reserved(first))
    expect(await given.answer({ ...first, bodyHash: 43 })).toBe("idempotency-key-reused")
  })

  test("a decided request gets its decision with the remaining hold time, and spends nothing", async () => {
    const winner = admissionRequest({ client: clientOf(1) })
    await given.show(reserved(winner), 90_000)
    const admission = await given.redisAdmission.admit(winner)
    if (admission.kind !== "seen") throw new Error(admission.kind)
    expect(admission.view).toMatchObject({ status: "RESERVED", seq: 5 })
    expect(admission.view.remainingMs).toBeGreaterThan(89_000)
    expect(await given.redis.exists(redisKeys.bucket(winner.userId))).toBe(0)
  })

  test("a queued request gets its position and the progress of the queue", async () => {
    const queued = admissionRequest()
    await given.show(undecidedView(queued, { partition, offset: 12 }))
    await given.redis.hset(redisKeys.partition(partition), { next: 10, rate: 900, end: 13 })
    expect(await given.redisAdmission.admit(queued)).toMatchObject({
      kind: "seen",
      view: { status: "QUEUED", partition, offset: 12 },
      progress: { nextOffset: 10, decisionsPerSecond: 900 },
    })
  })

  test("a request that was admitted and perhaps never produced continues in any state of the sale, and spends no second token", async () => {
    await given.sale()
    const lost = admissionRequest({ client: clientOf(1) })
    expect(await given.answer(lost)).toBe("admitted")
    await given.sale({ reserved: 10, sold: 0, status: "closed" })
    expect(await given.answer(lost)).toBe("admitted")
    expect(await given.answer(admissionRequest({ userId: lost.userId, client: clientOf(1) }))).toBe("sale-closed")
  })

  test("it is checked before everything else", async () => {
    const winner = admissionRequest()
    await given.show(reserved(winner))
    await given.sale({ mode: "halted", status: "closed" })
    expect(await given.answer(winner)).toBe("seen")
  })
})

describe("reasons to refuse, in their order", () => {
  test("halted, not open, closed, rate-limited, sold out, backlog: the first that applies is the answer", async () => {
    const userId = randomUUID()
    const ask = () => given.answer(admissionRequest({ userId }))
    await given.redis.hset(redisKeys.partition(partition), { end: maxBacklog + 1, next: 0 })
    await given.sale({ mode: "halted", status: "draft", reserved: 8 })
    await given.emptyBucket(userId)

    expect(await ask()).toBe("sale-halted")
    await given.sale({ mode: "batch", status: "draft", reserved: 8 })
    expect(await ask()).toBe("sale-not-open")
    await given.sale({ status: "closed", reserved: 8 })
    expect(await ask()).toBe("sale-closed")
    await given.sale({ reserved: 8 })
    expect(await ask()).toBe("rate-limited")
    await given.redis.del(redisKeys.bucket(userId))
    expect(await ask()).toBe("sold-out")
    await given.sale({ reserved: 7 })
    expect(await ask()).toBe("temporarily-unavailable")
    await given.redis.hset(redisKeys.partition(partition), { next: 1 })
    expect(await ask()).toBe("admitted")
  })

  test("nothing is stored about a request that is refused", async () => {
    await given.sale({ reserved: 8 })
    const refused = admissionRequest()
    expect(await given.answer(refused)).toBe("sold-out")
    expect(await given.shown(refused.id)).toBeUndefined()
  })

  test("a draft opens by itself and an open sale closes by itself, by PostgreSQL's clock and to its millisecond", async () => {
    const opensAtMs = Date.now()
    const at = (ms: number) => given.answer(admissionRequest({ moment: ms * 1_000, status: "draft" }))
    for (const skewMs of [-3_600_000, 0, 3_600_000]) {
      await given.redis.flushdb()
      await given.sale({ status: "draft", opens_at_ms: opensAtMs + skewMs })
      expect([await at(opensAtMs + skewMs), await at(opensAtMs + skewMs + 1)]).toEqual(["sale-not-open", "admitted"])
      await given.sale({ status: "open", closes_at_ms: opensAtMs + skewMs })
      expect([await at(opensAtMs + skewMs), await at(opensAtMs + skewMs + 1)]).toEqual(["admitted", "sale-closed"])
    }
  })

  test("the waitlist admits requests that join it, as long as it has room", async () => {
    await given.sale({ reserved: 8, waitlist_limit: 2, waitlisted: 1 })
    expect(await given.answer(admissionRequest())).toBe("sold-out")
    expect(await given.answer(admissionRequest({ joinWaitlist: true }))).toBe("admitted")
    await given.sale({ reserved: 8, waitlist_limit: 2, waitlisted: 2 })
    expect(await given.answer(admissionRequest({ joinWaitlist: true }))).toBe("sold-out")
  })

  test("the remaining units must cover the whole quantity", async () => {
    await given.sale()
    expect(await given.answer(admissionRequest({ quantity: 5 }))).toBe("admitted")
    expect(await given.answer(admissionRequest({ quantity: 6 }))).toBe("sold-out")
  })
})

describe("a Redis that does not know everything", () => {
  test("admits the requests of a sale that it does not know", async () => {
    expect(await given.answer(admissionRequest())).toBe("admitted")
  })

  test("refuses early requests even for a sale that it does not know: they must not be decided", async () => {
    expect(await given.answer(admissionRequest({ status: "draft" }))).toBe("sale-not-open")
  })

  test("keeps a halt even for a sale that it does not know", async () => {
    expect(await given.answer(admissionRequest({ mode: "halted" }))).toBe("sale-halted")
  })

  test("without the complete mark refuses nobody as sold out or closed", async () => {
    await given.sale({ reserved: 8 })
    await given.redis.hdel(redisKeys.sale(skuNo), "complete")
    expect(await given.answer(admissionRequest())).toBe("admitted")
    await given.sale({ status: "closed" })
    await given.redis.hdel(redisKeys.sale(skuNo), "complete")
    expect(await given.answer(admissionRequest())).toBe("admitted")
  })

  test("after FLUSHALL queues a winner's retry again and does not refuse it", async () => {
    await given.sale({ reserved: 8 })
    const winner = admissionRequest()
    await given.show(reserved(winner))
    await given.redis.flushdb()
    // The next projection knows the stock but not the winner: it sets no complete mark.
    await given.sale({ reserved: 8 })
    await given.redis.hdel(redisKeys.sale(skuNo), "complete")
    expect(await given.answer(winner)).toBe("admitted")
  })
})
