import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { createReadGate } from "../../core/adapters/postgres/read-gate.ts"
import { createReservationReads } from "../../core/adapters/postgres/reservation-reads.ts"
import { createSkuDirectory, maxSkuAgeMs } from "../../core/adapters/postgres/sku-directory.ts"
import { createAdmissionDesk, undecidedView } from "../../core/adapters/redis/admission.ts"
import { createRedisGuard, firstContact } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createRedisReads } from "../../core/adapters/redis/reads.ts"
import { ProblemError } from "../../core/contracts/problems.ts"
import { ownerOf } from "../../core/domain/ids.ts"
import { createFind, type Question } from "../../core/workflows/find-reservation.ts"
import { availability } from "../../lambdas/availability/workflow.ts"
import { cancel } from "../../lambdas/reservation/cancel.ts"
import { createStatusRead } from "../../lambdas/reservation/status.ts"
import { type GivenDatabase, givenDatabase, requestsTopic, unhurried } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
let pool: Pool
beforeAll(async () => {
  given = await givenDatabase()
  process.env.RECEIPT_KEYS = inject("services").receiptKeys
  pool = await postgresPool({ role: "reader", size: 4 })
  await firstContact(given.redis)
})
beforeEach(() => given.redis.flushdb())
afterAll(async () => {
  await pool.end()
  await given.close()
})

/** What a process of the API reads with, as new. */
function reader() {
  const gate = createReadGate()
  const guard = createRedisGuard(given.redis)
  const redisReads = createRedisReads(given.redis)
  const directory = createSkuDirectory(pool, gate)
  const reservations = createReservationReads(pool, gate, requestsTopic)
  return { guard, redisReads, directory, find: createFind({ guard, redisReads, reservations, directory }) }
}

type Sku = Awaited<ReturnType<GivenDatabase["sku"]>>
const write = (sku: Sku, records: Parameters<GivenDatabase["line"]>[1]) =>
  given.parts().writer.write(requestsTopic, sku.partition, given.line(sku.partition, records), unhurried)

/** A decided reservation of a new shopper. */
async function decided(sku: Sku, more = {}) {
  const request = requestRecord(sku, more)
  await write(sku, [request])
  return question(request)
}
const question = ({ id, userId }: { id: string; userId: string }): Question => ({ id, userId, owner: ownerOf(userId) })
const stranger = (of: Question): Question => ({ ...of, userId: randomUUID(), owner: of.owner + 1 })
const receiptAt = (of: Question, sku: Sku, offset: number): Question => ({
  ...of,
  receipt: { reservationId: of.id, owner: of.owner, partition: sku.partition, offset, skuId: sku.skuId, quantity: 2 },
})
const markQueued = (of: Question, sku: Sku, offset: number) =>
  createAdmissionDesk(given.redis).markQueued(
    {
      ...of,
      skuNo: sku.skuNo,
      partition: sku.partition,
      quantity: 1,
      joinWaitlist: false,
      bodyHash: 1,
      refillMs: 0,
      mode: "batch",
    },
    { partition: sku.partition, offset },
  )
const markComplete = async () => {
  const { rows } = await given.superuser.query<{ sku_no: number }>("SELECT sku_no FROM inventory")
  await Promise.all(rows.map(({ sku_no }) => given.redis.hset(redisKeys.sale(sku_no), "complete", 1)))
}
const watermarkOf = async ({ partition }: Sku) => {
  const { rows } = await given.superuser.query("SELECT next_offset FROM partition_progress WHERE topic = $1 AND partition = $2", [
    requestsTopic,
    partition,
  ])
  return Number(rows[0].next_offset)
}
const slug = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error) => (error instanceof ProblemError ? error.slug : String(error)),
  )

describe("a decided reservation", () => {
  test("is found in Redis, and after FLUSHALL in PostgreSQL, in every state alike", async () => {
    const sku = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    const winner = await decided(sku)
    const waiter = await decided(sku, { joinWaitlist: true })
    const loser = await decided(sku)
    const { find } = reader()
    const statuses = async () => Promise.all([winner, waiter, loser].map(async (one) => (await find(one))?.seen))
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
    const shoppers = [await decided(sku), await decided(sku)]
    const { find } = reader()
    const strangers = () => Promise.all(shoppers.map((one) => find(stranger(one))))
    expect(await strangers()).toEqual([undefined, undefined])
    await given.redis.flushdb()
    expect(await strangers()).toEqual([undefined, undefined])
  })

  test("counts its hold down by the store's clock", async () => {
    const sku = await given.sku({ total_stock: 1, hold_seconds: 100 })
    const winner = await decided(sku)
    const { find } = reader()
    const inRedis = (await find(winner))?.seen.remainingMs ?? 0
    await given.redis.flushdb()
    const inPostgres = (await find(winner))?.seen.remainingMs ?? 0
    for (const remainingMs of [inRedis, inPostgres]) {
      expect(remainingMs).toBeGreaterThan(90_000)
      expect(remainingMs).toBeLessThanOrEqual(100_000)
    }
  })

  test("whose hold has run out shows EXPIRED at once; one read asks for the end, later ones do not", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const winner = await decided(sku)
    await given.redis.flushdb()
    await given.endHolds(sku.skuNo)
    const asked: number[] = []
    const side = reader()
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

describe("a place in line", () => {
  test("is told with the records ahead as long as the watermark has not reached it", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const next = await watermarkOf(sku)
    const shopper = question(requestRecord(sku))
    await markQueued(shopper, sku, next + 7)
    await given.redis.hset(redisKeys.line(sku.partition), { next, rate: 1_000 })
    const found = await reader().find(shopper)
    expect(found).toMatchObject({ seen: { status: "QUEUED", offset: next + 7 }, line: { nextOffset: next } })
  })

  test("is known from its receipt alone when Redis has forgotten everything", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const next = await watermarkOf(sku)
    const shopper = receiptAt(question(requestRecord(sku)), sku, next + 3)
    expect(await reader().find(shopper)).toMatchObject({
      seen: { status: "QUEUED", skuId: sku.skuId, quantity: 2, offset: next + 3 },
      line: { nextOffset: next },
    })
  })

  test("that the watermark has passed leads to the decision, also one that Redis missed", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const offset = await watermarkOf(sku)
    const shopper = await decided(sku)
    await given.redis.flushdb()
    await markQueued(shopper, sku, offset)
    await given.redis.hset(redisKeys.line(sku.partition), { next: offset + 1 })
    expect(await reader().find(shopper)).toMatchObject({ seen: { status: "RESERVED", offset } })
    await given.redis.flushdb()
    expect(await reader().find(receiptAt(shopper, sku, offset))).toMatchObject({ seen: { status: "RESERVED", offset } })
  })

  test("that has been known for a while is checked, even if Redis knows of no progress", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const offset = await watermarkOf(sku)
    const shopper = await decided(sku)
    await given.redis.flushdb()
    await markQueued(shopper, sku, offset)
    expect(await reader().find(shopper)).toMatchObject({ seen: { status: "QUEUED" } })
    await given.redis.pexpire(redisKeys.reservation(shopper.id), 60_000)
    expect(await reader().find(shopper)).toMatchObject({ seen: { status: "RESERVED" } })
  })

  test("whose record was put aside is a refusal, and the last word", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const offset = await watermarkOf(sku)
    await write(sku, [{ key: "another-sku", value: requestRecord(sku).value }])
    const shopper = receiptAt(question(requestRecord(sku)), sku, offset)
    expect(await reader().find(shopper)).toMatchObject({ seen: { status: "REFUSED", reason: "invalid" } })
  })
})

describe("a reservation that nobody knows", () => {
  const unknown = () => question({ id: randomUUID(), userId: randomUUID() })

  test("is not found while Redis holds every live one of every open sale", async () => {
    await given.sku({ total_stock: 1 })
    await markComplete()
    expect(await reader().find(unknown())).toBeUndefined()
  })

  test("may be in line while any open sale is not complete: nobody is told that he holds nothing", async () => {
    const sku = await given.sku({ total_stock: 1 })
    await markComplete()
    await given.redis.hdel(redisKeys.sale(sku.skuNo), "complete")
    expect(await slug(reader().find(unknown()))).toBe("temporarily-unavailable")
  })

  test("may be in line while Redis is empty", async () => {
    expect(await slug(reader().find(unknown()))).toBe("temporarily-unavailable")
  })

  test("that admission let through may be on its way", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const shopper = unknown()
    const view = undecidedView({ ...shopper, skuNo: sku.skuNo, partition: 0, quantity: 1, joinWaitlist: false, bodyHash: 1 })
    expect(view.status).toBe("ADMITTED")
    await createAdmissionDesk(given.redis).admit({
      ...shopper,
      skuNo: sku.skuNo,
      partition: sku.partition,
      quantity: 1,
      joinWaitlist: false,
      bodyHash: 1,
      refillMs: 0,
      mode: "batch",
    })
    await markComplete()
    expect(await slug(reader().find(shopper))).toBe("temporarily-unavailable")
  })
})

describe("cancelling", () => {
  const cancelling = () => {
    const { find, directory } = reader()
    const { settle } = given.parts()
    return (of: Question) => cancel({ find, directory, settlement: async () => settle }, of)
  }

  test("gives back a hold and a place on the waitlist, as often as it is asked", async () => {
    const sku = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    const [winner, waiter] = [await decided(sku), await decided(sku, { joinWaitlist: true })]
    const cancelOf = cancelling()
    for (const shopper of [waiter, winner, winner, waiter]) {
      expect(await cancelOf(shopper)).toMatchObject({ status: "CANCELLED" })
    }
    await given.redis.flushdb()
    expect(await cancelOf(winner)).toMatchObject({ status: "CANCELLED" })
    expect(await given.inventory(sku.skuNo)).toMatchObject({ reserved_count: 0, waitlisted: 0 })
    await given.expectInvariants()
  })

  test("is refused for what is over, undecided or somebody else's", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const [winner, loser] = [await decided(sku), await decided(sku)]
    const queued = receiptAt(question(requestRecord(sku)), sku, (await watermarkOf(sku)) + 1)
    const cancelOf = cancelling()
    expect(await slug(cancelOf(loser))).toBe("sold-out")
    expect(await slug(cancelOf(queued))).toBe("not-decided-yet")
    await markComplete()
    expect(await slug(cancelOf(stranger(winner)))).toBe("reservation-not-found")
    await given.endHolds(sku.skuNo)
    expect(await slug(cancelOf(winner))).toBe("reservation-expired")
    await given.redis.flushdb()
    expect(await slug(cancelOf(winner))).toBe("reservation-expired")
    await given.expectInvariants()
  })

  test("a place on the waitlist that lapsed with the sale is told so", async () => {
    const sku = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    await decided(sku)
    const waiter = await decided(sku, { joinWaitlist: true })
    await given.parts().settle(sku.skuNo, { kind: "close", skuNo: sku.skuNo })
    expect(await slug(cancelling()(waiter))).toBe("sale-closed")
  })
})

describe("the directory of SKUs", () => {
  test("one read serves everyone who asks at once, and absence is not remembered", async () => {
    let reads = 0
    const directory = createSkuDirectory(pool, (read) => {
      reads += 1
      return read()
    })
    expect(await directory.find("sku-to-come")).toBeUndefined()
    const sku = await given.sku({ sku_id: "sku-to-come", total_stock: 3 })
    reads = 0
    const records = await Promise.all(Array.from({ length: 50 }, () => directory.find(sku.skuId)))
    expect(new Set(records.map((record) => record?.sale.skuNo))).toEqual(new Set([sku.skuNo]))
    expect(reads).toBe(1)
  })

  test("serves what it knows while PostgreSQL is away, and says so to whoever needs it fresh", async () => {
    const sku = await given.sku({ total_stock: 3 })
    let nowMs = 0
    const ended = await postgresPool({ role: "reader", size: 1 })
    const directory = createSkuDirectory(ended, createReadGate(), () => nowMs)
    await directory.find(sku.skuId)
    await directory.list()
    await ended.end()
    nowMs = maxSkuAgeMs
    expect((await directory.find(sku.skuId))?.partition).toBe(sku.partition)
    expect((await directory.findByNumber(sku.skuNo))?.skuId).toBe(sku.skuId)
    expect((await directory.list()).length).toBeGreaterThan(0)
    await expect(directory.findFresh(sku.skuId)).rejects.toThrow()
    await expect(directory.find("sku-unknown")).rejects.toThrow()
  })

  test("what would drown the database is refused", async () => {
    const gate = createReadGate(1)
    const first = gate(() => pool.query("SELECT 1"))
    expect(await slug(gate(() => pool.query("SELECT 1")))).toBe("temporarily-unavailable")
    await first
    expect(await slug(gate(() => pool.query("SELECT 1")))).toBe("none")
  })
})

describe("availability", () => {
  test("comes from Redis while that is up to date, and from PostgreSQL otherwise", async () => {
    const sku = await given.sku({ total_stock: 3 })
    await decided(sku)
    const side = reader()
    expect(await availability(side, sku.skuId)).toMatchObject({ available: 2, total: 3, status: "open" })
    await given.redis.hset(redisKeys.sale(sku.skuNo), { reserved: 2 })
    expect(await availability(side, sku.skuId)).toMatchObject({ available: 1 })
    await given.redis.hset(redisKeys.sale(sku.skuNo), { as_of_ms: Date.now() - 60_000 })
    expect(await availability(side, sku.skuId)).toMatchObject({ available: 2 })
    await given.redis.flushdb()
    expect(await availability(side, sku.skuId)).toMatchObject({ sku_id: sku.skuId, available: 2, opens_at: expect.any(String) })
  })

  test("shows a halt, and no SKU that does not exist", async () => {
    const sku = await given.sku({ total_stock: 3 })
    await given.parts().settle(sku.skuNo, { kind: "halt", skuNo: sku.skuNo })
    expect(await availability(reader(), sku.skuId)).toMatchObject({ status: "halted" })
    expect(await slug(availability(reader(), "sku-unknown"))).toBe("sku-not-found")
  })
})
