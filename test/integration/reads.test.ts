import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createStatusRead } from "../../lambdas/reservation/status.ts"
import { givenReader, question, slug, stranger, unknownQuestion, withReceipt } from "../sale/given-reader.ts"
import { requestRecord } from "../sale/records.ts"
import { primaryOf } from "../services/redis.ts"

let given: Awaited<ReturnType<typeof givenReader>>
beforeAll(async () => {
  given = await givenReader()
})
beforeEach(() => given.redis.flushdb())
afterAll(() => given.close())

describe("a decided reservation", () => {
  test("is found in Redis, and after FLUSHALL in PostgreSQL, in every state", async () => {
    const sku = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    const winner = await given.decided(sku)
    const waiter = await given.decided(sku, { joinWaitlist: true })
    const loser = await given.decided(sku)
    const { find } = given.reader()
    const statuses = async () => Promise.all([winner, waiter, loser].map(async (one) => (await find(one))?.view))
    const expected = [
      { status: "RESERVED", quantity: 1 },
      { status: "WAITLISTED", quantity: 1 },
      { status: "REFUSED", reason: "sold-out" },
    ]
    expect(await statuses()).toMatchObject(expected)
    await given.redis.flushdb()
    expect(await statuses()).toMatchObject(expected)
    await given.expectInvariants()
  })

  test("belongs to its shopper: nobody else finds it, refused ones included, with Redis or without", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const shoppers = [await given.decided(sku), await given.decided(sku)]
    const { find } = given.reader()
    const strangers = () => Promise.all(shoppers.map((one) => find(stranger(one))))
    expect(await strangers()).toEqual([undefined, undefined])
    await given.redis.flushdb()
    expect(await strangers()).toEqual([undefined, undefined])
  })

  test("counts its hold down by the store's clock", async () => {
    const sku = await given.sku({ total_stock: 1, hold_seconds: 100 })
    const winner = await given.decided(sku)
    const { find } = given.reader()
    const inRedis = (await find(winner))?.view.remainingMs ?? 0
    await given.redis.flushdb()
    const inPostgres = (await find(winner))?.view.remainingMs ?? 0
    for (const remainingMs of [inRedis, inPostgres]) {
      expect(remainingMs).toBeGreaterThan(90_000)
      expect(remainingMs).toBeLessThanOrEqual(100_000)
    }
  })

  test("with an overdue hold shows EXPIRED at once; the first read asks for the expiry, later reads do not", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const winner = await given.decided(sku)
    await given.redis.flushdb()
    await given.endHolds(sku.skuNo)
    const asked: number[] = []
    const side = given.reader()
    const read = createStatusRead(
      async () => side,
      async () => async (skuNo) => {
        asked.push(skuNo)
        return { expired: 0 }
      },
    )
    expect(await read(winner)).toMatchObject({ status: 200, body: { status: "EXPIRED", decided: true } })
    expect(await read(winner)).toMatchObject({ status: 200, body: { status: "EXPIRED" } })
    expect(asked).toEqual([sku.skuNo])
  })
})

describe("a queued request", () => {
  test("shows the number of records ahead of it until the watermark reaches it", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const next = await given.watermarkOf(sku)
    const shopper = question(requestRecord(sku))
    await given.markQueued(shopper, sku, next + 7)
    await given.redis.hset(redisKeys.partition(sku.partition), { next, rate: 1_000 })
    const found = await given.reader().find(shopper)
    expect(found).toMatchObject({ view: { status: "QUEUED", offset: next + 7 }, progress: { nextOffset: next } })
  })

  test("is known from its receipt alone after Redis lost everything", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const next = await given.watermarkOf(sku)
    const shopper = withReceipt(question(requestRecord(sku)), sku, next + 3)
    expect(await given.reader().find(shopper)).toMatchObject({
      view: { status: "QUEUED", skuId: sku.skuId, quantity: 2, offset: next + 3 },
      progress: { nextOffset: next },
    })
  })

  test("below the watermark leads to the decision, even if Redis missed it", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const offset = await given.watermarkOf(sku)
    const shopper = await given.decided(sku)
    await given.redis.flushdb()
    await given.markQueued(shopper, sku, offset)
    await given.redis.hset(redisKeys.partition(sku.partition), { next: offset + 1 })
    expect(await given.reader().find(shopper)).toMatchObject({ view: { status: "RESERVED", offset } })
    await given.redis.flushdb()
    expect(await given.reader().find(withReceipt(shopper, sku, offset))).toMatchObject({ view: { status: "RESERVED", offset } })
  })

  test("that is older than a limit is looked up in PostgreSQL, even if Redis shows no progress", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const offset = await given.watermarkOf(sku)
    const shopper = await given.decided(sku)
    await given.redis.flushdb()
    await given.markQueued(shopper, sku, offset)
    expect(await given.reader().find(shopper)).toMatchObject({ view: { status: "QUEUED" } })
    await given.redis.pexpire(redisKeys.reservation(shopper.id), 60_000)
    expect(await given.reader().find(shopper)).toMatchObject({ view: { status: "RESERVED" } })
  })

  test("with its record in quarantine is finally refused", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const offset = await given.watermarkOf(sku)
    await given.write(sku, [{ key: "another-sku", value: requestRecord(sku).value }])
    const shopper = withReceipt(question(requestRecord(sku)), sku, offset)
    expect(await given.reader().find(shopper)).toMatchObject({ view: { status: "REFUSED", reason: "invalid" } })
  })
})

describe("a reservation that nobody knows", () => {
  test("is not found while Redis knows every request in the queue", async () => {
    await given.sku({ total_stock: 1 })
    await given.markQueueComplete()
    expect(await given.reader().find(unknownQuestion())).toBeUndefined()
  })

  test("may be in the queue while Redis does not know the whole queue: no read answers not-found", async () => {
    const sku = await given.sku({ total_stock: 1 })
    // The mark of a completely loaded sale does not cover the queue.
    await given.redis.hset(redisKeys.sale(sku.skuNo), "complete", await primaryOf(given.redis))
    expect(await slug(given.reader().find(unknownQuestion()))).toBe("temporarily-unavailable")
  })

  test("may be in the queue while Redis is empty", async () => {
    expect(await slug(given.reader().find(unknownQuestion()))).toBe("temporarily-unavailable")
  })

  test("may be on its way to the queue if it was admitted", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const shopper = unknownQuestion()
    expect(await given.admit(shopper, sku)).toMatchObject({ kind: "admitted" })
    await given.markQueueComplete()
    expect(await slug(given.reader().find(shopper))).toBe("temporarily-unavailable")
  })
})
