import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createDynamoStore } from "../../core/adapters/analytics/dynamodb-store.ts"
import { createPostgresStore } from "../../core/adapters/analytics/postgres-store.ts"
import type { AnalyticsStore, StoredPartition } from "../../core/adapters/analytics/store.ts"
import { createPool } from "../../core/adapters/postgres/pool.ts"
import { AnalyticsReport, maxReportedSkus } from "../../core/contracts/analytics.ts"
import { applyEvent, emptyState, type PartitionState } from "../../core/domain/analytics/partition-state.ts"
import { startGeneration, totalsOf } from "../../core/workflows/streams/analytics-generations.ts"
import { createEventCounter } from "../../core/workflows/streams/count-events.ts"
import { readAnalytics } from "../../core/workflows/streams/read-analytics.ts"
import { eventStream, totalsOfStream } from "../sale/event-stream.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { startDynamo, type TestDynamo } from "../services/dynamodb.ts"

const table = "analytics"
const partitions = 10
let database: TestDatabase
let pool: Pool
let dynamo: TestDynamo
beforeAll(async () => {
  ;[database, dynamo] = await Promise.all([freshDatabase(), startDynamo(table)])
  pool = createPool({ connectionString: database.url }, { role: "analytics", size: 4 })
})
afterAll(async () => {
  await pool.end()
  await Promise.all([database.drop(), dynamo.close()])
})

const stores: readonly [string, (group: string) => AnalyticsStore][] = [
  ["PostgreSQL", (group) => createPostgresStore(pool, group)],
  ["DynamoDB", (group) => createDynamoStore({ client: dynamo.client, table, group, partitions })],
]

/** A state after some accepted reservations of a SKU, with an odd name. */
function stateOf(reservations: number, nextOffset = reservations, skuId = "SKU-ä/1"): PartitionState {
  const state = emptyState()
  state.nextOffset = nextOffset
  for (let seq = 1; seq <= reservations; seq++) {
    applyEvent(state, { skuId, seq, ord: 0, atMs: 1_900_000_000_000 + seq, fact: { kind: "reserved", units: 2 } })
  }
  return state
}
const record = (partition: number, revision: number, state: PartitionState, generation = 1): StoredPartition => ({
  ...{ partition, generation, revision, state },
})

describe.each(stores)("figures in %s", (_, storeOf) => {
  const newStore = () => storeOf(`group-${randomUUID()}`)

  test("are read as they were written, each group and partition for itself", async () => {
    const [store, other] = [newStore(), newStore()]
    const [first, second] = [record(0, 1, stateOf(3)), record(9, 1, stateOf(5, 2 ** 40))]
    expect(await store.write(first)).toBe(true)
    expect(await store.write(second)).toBe(true)
    expect(await store.read(0)).toEqual(first)
    expect(await store.read(1)).toBeUndefined()
    expect((await store.readAll()).sort((a, b) => a.partition - b.partition)).toEqual([first, second])
    expect(await other.readAll()).toEqual([])
  })

  test("are replaced only by the writer that knows the revision before: of several at once, one", async () => {
    const store = newStore()
    const firsts = await Promise.all([1, 2, 3].map((reservations) => store.write(record(4, 1, stateOf(reservations)))))
    expect(firsts.filter(Boolean)).toHaveLength(1)
    const seconds = await Promise.all([4, 5, 6].map((reservations) => store.write(record(4, 2, stateOf(reservations)))))
    expect(seconds.filter(Boolean)).toHaveLength(1)
    // Neither an older revision nor one of the future, also when their offsets are the same.
    expect(await store.write(record(4, 2, stateOf(9)))).toBe(false)
    expect(await store.write(record(4, 4, stateOf(9)))).toBe(false)
    expect((await store.read(4))?.state.nextOffset).toBe(4 + seconds.indexOf(true))
  })

  test("begin again in a new generation, and the earlier one keeps its totals", async () => {
    const store = newStore()
    for (const partition of [0, 3]) await store.write(record(partition, 1, stateOf(7, 7, `SKU-${partition}`)))
    const before = await totalsOf(store, 1)
    expect(before).toMatchObject({ events: 14, reserved: 14, unitsHeld: 28 })
    expect(await startGeneration(store)).toEqual({ previous: 1, current: 2 })
    expect(await store.readGeneration()).toBe(2)
    expect(await store.read(0)).toEqual(record(0, 2, emptyState(), 2))
    expect(await totalsOf(store, 2)).toMatchObject({ events: 0, accepted: 0 })
    expect(await totalsOf(store, 3)).toBeUndefined()
    // A process that still has the earlier generation in memory cannot store it.
    expect(await store.write(record(0, 2, stateOf(8)))).toBe(false)
    for (const partition of [0, 3]) await store.write(record(partition, 3, stateOf(7, 7, `SKU-${partition}`), 2))
    expect(JSON.stringify(await totalsOf(store, 2))).toBe(JSON.stringify(before))
    expect(JSON.stringify(await totalsOf(store, 1))).toBe(JSON.stringify(before))
    expect(await startGeneration(store)).toEqual({ previous: 2, current: 3 })
    expect(JSON.stringify(await totalsOf(store, 2))).toBe(JSON.stringify(before))
  })

  test("are begun again by one of two calls; a call after one that died completes it", async () => {
    const store = newStore()
    for (const partition of [0, 1, 2]) await store.write(record(partition, 1, stateOf(2)))
    // A call that died after it had begun the generation and the first partition.
    expect(await store.beginGeneration(2)).toBe(true)
    expect(await store.beginGeneration(2)).toBe(false)
    await store.archive(record(0, 1, stateOf(2)))
    await store.write(record(0, 2, emptyState(), 2))
    expect(await totalsOf(store, 1)).toMatchObject({ reserved: 6 })
    expect(await startGeneration(store)).toEqual({ previous: 1, current: 2 })
    expect(await totalsOf(store, 1)).toMatchObject({ reserved: 6 })
    expect(await totalsOf(store, 2)).toMatchObject({ reserved: 0 })
    expect(await store.beginGeneration(4)).toBe(false)
  })

  test("of an archive that was written twice are those of the later revision", async () => {
    const store = newStore()
    await store.archive(record(5, 8, stateOf(8)))
    await store.archive(record(5, 7, stateOf(7)))
    expect(await totalsOf(store, 1)).toMatchObject({ reserved: 8 })
  })
})

/** A delivery of a SKU's first events, one for each ledger entry. */
const delivery = (from: number, to: number) => ({
  ...{ topic: "reservation-events", partition: 2, firstOffset: from, nextOffset: to },
  events: eventStream({ skuNo: 1, skuId: "sku-1" }, from + 1, to - from).map((event, index) => ({ offset: from + index, event })),
})
const totals = async (store: AnalyticsStore) => totalsOf(store, await store.readGeneration())

describe.each(stores)("consumers that count into %s", (_, storeOf) => {
  const newStore = () => storeOf(`group-${randomUUID()}`)

  test("at the same time count each event once, in whatever order they store", async () => {
    const store = newStore()
    const consumers = [1, 2, 3].map(() => createEventCounter({ store }))
    for (let from = 0; from < 60; from += 20) {
      await Promise.all(consumers.map((count, index) => count(delivery(from, from + 10 + index * 5))))
      await Promise.all(consumers.map((count) => count(delivery(from, from + 20))))
    }
    expect(await totals(store)).toMatchObject(totalsOfStream(60))
    expect((await store.read(2))?.state).toMatchObject({ nextOffset: 60, skippedRecords: 0, recreations: 0 })
  })

  test("give a delivery back when others store before it five times, and count it when it comes again", async () => {
    const store = newStore()
    const rival = createEventCounter({ store })
    let stored = 0
    const hurried: AnalyticsStore = {
      ...store,
      async write(next) {
        stored += 1
        await rival(delivery(stored - 1, stored))
        return store.write(next)
      },
    }
    const count = createEventCounter({ store: hurried })
    await expect(count(delivery(0, 50))).rejects.toThrow("5 times")
    expect(stored).toBe(5)
    await createEventCounter({ store })(delivery(0, 50))
    expect(await totals(store)).toMatchObject(totalsOfStream(50))
  })
})

test("a report lists the hundred SKUs with the most orders, and has every SKU in its totals", async () => {
  const store = createPostgresStore(pool, `group-${randomUUID()}`)
  const state = emptyState()
  const skus = 130
  for (let sku = 1; sku <= skus; sku++) {
    for (let seq = 1; seq <= sku; seq++) {
      const occurrence = { skuId: `sku-${sku}`, seq, ord: 0, atMs: Date.now() }
      applyEvent(state, { ...occurrence, fact: { kind: "reserved", units: 1 } })
    }
  }
  await store.write(record(0, 1, state))
  const report = AnalyticsReport.parse(await readAnalytics(store, Date.now()))
  expect(report.skus).toHaveLength(maxReportedSkus)
  expect(report.skus?.[0]?.sku_id).toBe(`sku-${skus}`)
  expect(report.skus?.at(-1)?.sku_id).toBe(`sku-${skus - maxReportedSkus + 1}`)
  expect(report.total_orders).toBe((skus * (skus + 1)) / 2)
})

test("the role of analytics reads and writes its own schema, and nothing of the sale", async () => {
  await expect(pool.query("SELECT 1 FROM public.inventory")).rejects.toThrow("permission denied")
  await expect(pool.query("DELETE FROM analytics.archive")).rejects.toThrow("permission denied")
})
