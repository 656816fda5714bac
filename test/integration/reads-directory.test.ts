import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createCatalogue, maxKnownPages, maxPageReads } from "../../core/adapters/postgres/catalogue.ts"
import { createSkuDirectory, maxNamesWaiting, maxSkuAgeMs } from "../../core/adapters/postgres/sku-directory.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createConcurrencyLimit } from "../../core/concurrency/concurrency-limit.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { availability } from "../../lambdas/availability/workflow.ts"
import { givenReader, slug } from "../sale/given-reader.ts"

let given: Awaited<ReturnType<typeof givenReader>>
beforeAll(async () => {
  given = await givenReader()
})
beforeEach(() => given.redis.flushdb())
afterAll(() => given.close())

describe("the directory of SKUs", () => {
  test("one read serves all concurrent calls, and a missing SKU is not cached", async () => {
    let reads = 0
    const directory = createSkuDirectory(given.pool, (read) => {
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

  test("calls with invented names cost PostgreSQL a few queries, and calls for existing SKUs are answered meanwhile", async () => {
    const sku = await given.sku({ total_stock: 3 })
    let reads = 0
    const directory = createSkuDirectory(given.pool, (read) => {
      reads += 1
      return read()
    })
    const invented = Array.from({ length: 400 }, (_, index) => directory.find(`sku-invented-${index}`))
    expect((await directory.find(sku.skuId))?.sale.skuNo).toBe(sku.skuNo)
    expect(new Set(await Promise.all(invented))).toEqual(new Set([undefined]))
    expect(reads).toBe(2)
  })

  test("names beyond the limit of waiting ones are refused", async () => {
    const question = Promise.withResolvers<void>()
    const directory = createSkuDirectory(given.pool, async (read) => {
      await question.promise
      return read()
    })
    const waiting = Array.from({ length: maxNamesWaiting }, (_, index) => directory.find(`sku-waiting-${index}`))
    expect(await slug(directory.find("sku-too-many"))).toBe("temporarily-unavailable")
    question.resolve()
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([undefined]))
    expect(await slug(directory.find("sku-too-many"))).toBe("none")
  })

  test("serves cached entries while PostgreSQL is unavailable, and fails for callers that need fresh ones", async () => {
    const sku = await given.sku({ total_stock: 3 })
    let nowMs = 0
    const ended = await postgresPool({ role: "reader", size: 1 })
    const directory = createSkuDirectory(ended, createConcurrencyLimit(), () => nowMs)
    await directory.find(sku.skuId)
    const catalogue = createCatalogue(ended, () => nowMs)
    await catalogue.page(0, 10)
    await ended.end()
    nowMs = maxSkuAgeMs
    expect((await directory.find(sku.skuId))?.partition).toBe(sku.partition)
    expect((await directory.findByNumber(sku.skuNo))?.skuId).toBe(sku.skuId)
    expect((await catalogue.page(0, 10)).skus.length).toBeGreaterThan(0)
    await expect(catalogue.page(0, 11)).rejects.toThrow()
    await expect(directory.findFresh(sku.skuId)).rejects.toThrow()
    await expect(directory.find("sku-unknown")).rejects.toThrow()
  })

  test("reads beyond the limit of the database are refused", async () => {
    const gate = createConcurrencyLimit(1)
    const first = gate(() => given.pool.query("SELECT 1"))
    expect(await slug(gate(() => given.pool.query("SELECT 1")))).toBe("temporarily-unavailable")
    await first
    expect(await slug(gate(() => given.pool.query("SELECT 1")))).toBe("none")
  })
})

describe("a page of the catalogue", () => {
  test("is read once for all calls within a second, and again after that", async () => {
    let reads = 0
    const counting = {
      query: (...asked: Parameters<typeof given.pool.query>) => {
        reads += 1
        return given.pool.query(...asked)
      },
    } as unknown as typeof given.pool
    let nowMs = 0
    const catalogue = createCatalogue(counting, () => nowMs)
    await given.sku({ total_stock: 3 })
    await Promise.all(Array.from({ length: 50 }, () => catalogue.page(0, 10)))
    await catalogue.page(0, 10)
    expect(reads).toBe(1)
    nowMs = maxSkuAgeMs
    await catalogue.page(0, 10)
    expect(reads).toBe(2)
  })

  test("beyond the limit of concurrent reads is refused, and the oldest cached page is evicted", async () => {
    const catalogue = createCatalogue(given.pool, () => 0)
    const asked = await Promise.all(Array.from({ length: maxPageReads + 1 }, (_, after) => slug(catalogue.page(after, 10))))
    expect(asked).toEqual([...Array(maxPageReads).fill("none"), "temporarily-unavailable"])
    const ended = await postgresPool({ role: "reader", size: 1 })
    const kept = createCatalogue(ended, () => 0)
    for (let after = 0; after <= maxKnownPages; after += 1) await kept.page(after, 10)
    await ended.end()
    expect(await slug(kept.page(1, 10))).toBe("none")
    expect(await slug(kept.page(0, 10))).not.toBe("none")
  })
})

describe("availability", () => {
  test("comes from Redis while Redis is up to date, and from PostgreSQL otherwise", async () => {
    const sku = await given.sku({ total_stock: 3 })
    await given.decided(sku)
    const side = given.reader()
    expect(await availability(side, sku.skuId)).toMatchObject({ available: 2, total: 3, status: "open" })
    await given.redis.hset(redisKeys.sale(sku.skuNo), { reserved: 2 })
    expect(await availability(side, sku.skuId)).toMatchObject({ available: 1 })
    await given.redis.hset(redisKeys.sale(sku.skuNo), { as_of_ms: Date.now() - 60_000 })
    expect(await availability(side, sku.skuId)).toMatchObject({ available: 2 })
    await given.redis.flushdb()
    expect(await availability(side, sku.skuId)).toMatchObject({ sku_id: sku.skuId, available: 2, opens_at: expect.any(String) })
  })

  test("shows a halt, and is not found for an unknown SKU", async () => {
    const sku = await given.sku({ total_stock: 3 })
    await given.parts().applyCommand(sku.skuNo, { kind: "halt", skuNo: sku.skuNo })
    expect(await availability(given.reader(), sku.skuId)).toMatchObject({ status: "halted" })
    expect(await slug(availability(given.reader(), "sku-unknown"))).toBe("sku-not-found")
  })
})
