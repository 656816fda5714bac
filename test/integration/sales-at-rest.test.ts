import { randomUUID } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import type { Pool, QueryConfig } from "pg"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { dueSkus, maxClosingsPerSweep } from "../../core/adapters/postgres/sales.ts"
import { createSkuDirectory } from "../../core/adapters/postgres/sku-directory.ts"
import { numberedText } from "../../core/adapters/postgres/statement.ts"
import { createCompleteness } from "../../core/adapters/redis/completeness.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { restingSalesPerStep, stillSeconds } from "../../core/workflows/allocation/warm-redis.ts"
import { availability } from "../../lambdas/availability/workflow.ts"
import { keepAlive, sweep } from "../../lambdas/expiry-sweeper/workflow.ts"
import { givenReader } from "../sale/given-reader.ts"
import { givenWarmer } from "../sale/given-warmer.ts"
import { idleSkus } from "../sale/idle-skus.ts"
import { requestRecord } from "../sale/records.ts"
import { primaryOf } from "../services/redis.ts"

type Sku = Awaited<ReturnType<Awaited<ReturnType<typeof givenReader>>["sku"]>>

let given: Awaited<ReturnType<typeof givenReader>>
/** The end offsets that brokers acknowledged, by partition. */
const ends = new Map<number, number>()
beforeAll(async () => {
  given = await givenReader()
})
beforeEach(async () => {
  ends.clear()
  await given.redis.flushdb()
})
afterAll(() => given.close())

/** The warm step of a sweeper that has just started. */
const sweeper = (pool: Pick<Pool, "query"> = given.pool) => givenWarmer(given, pool, ends)
const applyCommand: ReturnType<typeof given.parts>["applyCommand"] = (...asked) => given.parts().applyCommand(...asked)
const field = (skuNo: number, name: string) => given.redis.hget(redisKeys.sale(skuNo), name)
const isComplete = async ({ skuNo }: Sku) => (await createCompleteness(given.redis).look([skuNo])).get(skuNo)?.isComplete === true
const isResting = async ({ skuNo }: Sku) => (await given.inventory(skuNo)).resting_since !== null

/** Moves the data's clock: everything of the SKU is published, and nothing of it has moved for a while. */
async function nothingHappens({ skuNo }: Sku) {
  await given.superuser.query(
    "UPDATE event_progress e SET published_seq = i.seq FROM inventory i WHERE i.sku_no = e.sku_no AND i.sku_no = $1",
    [skuNo],
  )
  await given.superuser.query("UPDATE inventory SET ledger_at = ledger_at - make_interval(secs => $2) WHERE sku_no = $1", [
    skuNo,
    stillSeconds + 1,
  ])
}

async function atRest(warm: () => Promise<void>, more: Parameters<typeof given.sku>[0] = { total_stock: 3 }) {
  const sku = await given.sku(more)
  await nothingHappens(sku)
  // The first step sets the mark, and a sale with the mark may rest.
  await warm()
  await warm()
  expect(await isResting(sku)).toBe(true)
  return sku
}

async function held(sku: Sku, more: Parameters<typeof requestRecord>[1] = {}) {
  const record = requestRecord(sku, more)
  await given.write(sku, [record])
  return record
}

describe("a sale comes to rest", () => {
  test("when nothing happens any more and Redis shows it completely", async () => {
    const sku = await atRest(sweeper())
    expect(await field(sku.skuNo, "resting")).toBe("1")
    expect(await isComplete(sku)).toBe(true)
    await given.expectInvariants()
  })

  test.each<[string, (sku: Sku) => Promise<unknown>]>([
    ["has a hold", (sku) => held(sku).then(() => nothingHappens(sku))],
    [
      "has a waiter",
      async (sku) => {
        await held(sku)
        await held(sku, { joinWaitlist: true })
        await given.superuser.query("UPDATE inventory SET reserved_count = 0, total_stock = 0 WHERE sku_no = $1", [sku.skuNo])
        await nothingHappens(sku)
        await given.superuser.query("UPDATE inventory SET reserved_count = 1, total_stock = 1 WHERE sku_no = $1", [sku.skuNo])
      },
    ],
    [
      "has an event that is not published",
      async (sku) => {
        await nothingHappens(sku)
        await given.superuser.query("UPDATE event_progress SET published_seq = published_seq - 1 WHERE sku_no = $1", [sku.skuNo])
      },
    ],
    ["has just moved", async () => {}],
    [
      "is not complete in Redis, because its partition is not decided",
      async (sku) => {
        await nothingHappens(sku)
        ends.set(sku.partition, Number.MAX_SAFE_INTEGER)
      },
    ],
  ])("but not one that %s", async (_, arrange) => {
    const sku = await given.sku({ total_stock: 1, waitlist_limit: 5 })
    await arrange(sku)
    const warm = sweeper()
    await warm()
    await warm()
    expect(await isResting(sku)).toBe(false)
    await given.expectInvariants()
  })

  test("but not when it moved after the check", async () => {
    const sku = await given.sku({ total_stock: 1 })
    await nothingHappens(sku)
    const warm = sweeper()
    await warm()
    const meanwhile: Pick<Pool, "query"> = {
      query: (async (query: QueryConfig) => {
        const result = await given.pool.query(query)
        if (query.text.includes("read-sales-in-motion"))
          await applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 1 })
        return result
      }) as Pool["query"],
    }
    await sweeper(meanwhile)()
    expect(await isResting(sku)).toBe(false)
    expect(await field(sku.skuNo, "total")).toBe("2")
    await given.expectInvariants()
  })
})

describe("a sale at rest", () => {
  test("is in motion again after any change, and Redis shows the change", async () => {
    const warm = sweeper()
    const sku = await atRest(warm)
    await applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 1 })
    expect(await isResting(sku)).toBe(false)
    expect(await field(sku.skuNo, "resting")).toBeNull()

    const byHand = await atRest(warm)
    await given.superuser.query("UPDATE inventory SET waitlist_limit = 7 WHERE sku_no = $1", [byHand.skuNo])
    expect(await isResting(byHand)).toBe(false)
    await warm()
    expect(await field(byHand.skuNo, "waitlist_limit")).toBe("7")
    await given.expectInvariants()
  })

  test("sells, and its hold ends in time", async () => {
    const sku = await atRest(sweeper(), { total_stock: 1 })
    const hold = await held(sku)
    await given.endHolds(sku.skuNo)
    await sweep(given.pool, applyCommand)
    expect((await given.rows([hold.id])).get(hold.id)?.state).toBe(4)
    await given.expectInvariants()
  })

  test("closes by itself when its time has come", async () => {
    const sku = await atRest(sweeper())
    await given.superuser.query("UPDATE inventory SET closes_at = clock_timestamp() WHERE sku_no = $1", [sku.skuNo])
    await given.superuser.query("UPDATE inventory SET resting_since = clock_timestamp() WHERE sku_no = $1", [sku.skuNo])
    expect(await isResting(sku)).toBe(true)
    await sweep(given.pool, applyCommand)
    expect((await given.inventory(sku.skuNo)).status).toBe("closed")
    await given.expectInvariants()
  })

  test("has its stock in Redis as long as the sweeper confirms that nothing at rest has changed", async () => {
    const sku = await atRest(sweeper(), { total_stock: 3 })
    const shown = async () => availability(given.reader(), sku.skuId)
    // Redis and PostgreSQL differ, so the answer shows its source.
    await given.redis.hset(redisKeys.sale(sku.skuNo), { as_of_ms: Date.now() - 60_000, total: 33 })
    expect(await shown()).toMatchObject({ total: 33 })
    await given.redis.set(redisKeys.restingAsOf, Date.now() - 6_000)
    expect(await shown()).toMatchObject({ total: 3 })
    await given.redis.set(redisKeys.restingAsOf, Date.now())
    await given.redis.hdel(redisKeys.sale(sku.skuNo), "resting")
    expect(await shown()).toMatchObject({ total: 3 })
  })

  test("is loaded again by itself into a Redis that lost it", async () => {
    const warm = sweeper()
    const sku = await atRest(warm)
    await given.redis.flushdb()
    await warm()
    expect(await isComplete(sku)).toBe(true)
    expect(await field(sku.skuNo, "resting")).toBe("1")
    expect(await isResting(sku)).toBe(true)
  })

  test("that is closed is removed from Redis, its mark first, then its views; and is complete again when it moves", async () => {
    const warm = sweeper()
    const sku = await given.sku({ total_stock: 1 })
    const winner = await held(sku)
    await confirmed(sku, winner)
    await applyCommand(sku.skuNo, { kind: "close", skuNo: sku.skuNo })
    await given.redis.flushdb()
    await nothingHappens(sku)
    await warm()
    const [saleKey, view] = [redisKeys.sale(sku.skuNo), redisKeys.reservation(winner.id)]
    expect(await Promise.all([given.redis.pttl(saleKey), given.redis.pttl(view)])).toEqual([-1, -1])
    await warm()
    expect(await isResting(sku)).toBe(true)
    const [saleMs, viewMs] = await Promise.all([given.redis.pttl(saleKey), given.redis.pttl(view)])
    expect(saleMs).toBeGreaterThan(0)
    expect(viewMs).toBeGreaterThan(saleMs)

    await given.redis.del(saleKey)
    await applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 1 })
    await warm()
    expect(await isComplete(sku)).toBe(true)
    expect(await Promise.all([given.redis.pttl(saleKey), given.redis.pttl(view)])).toEqual([-1, -1])
    await given.expectInvariants()
  })
})

/** Pays for a hold, as a checkout leaves it. */
async function confirmed({ skuNo }: Sku, { id, userId }: { id: string; userId: string }) {
  const attempt = randomUUID()
  await given.superuser.query(
    "INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency, status) VALUES ($1, $2, $3, $4, 1, 500, 'EUR', 'AUTHORISED')",
    [attempt, id, userId, skuNo],
  )
  await given.superuser.query("SELECT confirm_reservation($1, $2, $3, $4)", [id, userId, attempt, randomUUID()])
}

describe("the mark of the queue", () => {
  const isMarked = () => createCompleteness(given.redis).queue.isComplete()

  test("is set once every partition is decided up to its end at the loss of Redis, and not before", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const [offset, warm] = [await given.watermarkOf(sku), sweeper()]
    ends.set(sku.partition, offset + 1)
    await warm()
    await warm()
    expect(await isMarked()).toBe(false)
    // The present Redis knows later acknowledgements: the mark does not wait for them.
    ends.set(sku.partition, offset + 9)
    await held(sku)
    await warm()
    expect(await isMarked()).toBe(true)
    await given.expectInvariants()
  })

  test("is not set in a Redis that lost data before the mark was due", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const [offset, warm] = [await given.watermarkOf(sku), sweeper()]
    ends.set(sku.partition, offset + 1)
    await warm()
    await given.redis.flushdb()
    await held(sku)
    ends.set(sku.partition, offset + 2)
    await warm()
    expect(await isMarked()).toBe(false)
    await warm()
    expect(await isMarked()).toBe(false)
    await held(sku)
    await warm()
    expect(await isMarked()).toBe(true)
    await given.expectInvariants()
  })
})

describe("with 5,000 SKUs that are idle or closed", () => {
  const few = 5 * restingSalesPerStep
  const many = 5_000

  /** The queries of a step to PostgreSQL and its calls to Redis. */
  async function costOfStep(): Promise<{ statements: number; commands: number }> {
    let statements = 0
    const counting: Pick<Pool, "query"> = {
      query: ((query: QueryConfig) => {
        statements += 1
        return given.pool.query(query)
      }) as Pool["query"],
    }
    const warm = sweeper(counting)
    await warm()
    statements = 0
    // Redis counts the commands of all of its clients, and other files use it, too.
    const sent = vi.spyOn(given.redis, "sendCommand")
    await warm()
    const commands = sent.mock.calls.length
    sent.mockRestore()
    return { statements, commands }
  }
  const markAll = async () => {
    const { rows } = await given.superuser.query<{ sku_no: number; seq: number }>("SELECT sku_no, seq FROM inventory")
    const complete = await primaryOf(given.redis)
    await Promise.all(rows.map(({ sku_no, seq }) => given.redis.hset(redisKeys.sale(sku_no), { complete, shown: seq })))
  }

  /** The statements that the sweeper sends every second or every few seconds, with their parameters. */
  const periodic: readonly (readonly [name: string, values: readonly unknown[]])[] = [
    ["read-sales-in-motion", [stillSeconds]],
    ["read-sales-at-rest", [3, 2_000, restingSalesPerStep]],
    ["sweep-pick", [maxClosingsPerSweep]],
    ["read-stock-health", [30, false]],
    ["relay-pick", []],
    ["read-relay-lag", []],
    ["read-oldest-unpublished", []],
    ["read-sku-page", [4_000, 100]],
    ["read-numbered-skus", [[1, 2, 3]]],
  ]

  /** The parts of the plan that were carried out: the sweeper counts sold units rarely, and within a share of its time. */
  async function planOf(name: string, values: readonly unknown[]): Promise<string> {
    const text = readFileSync(new URL(`../../core/adapters/postgres/statements/${name}.sql`, import.meta.url), "utf8")
    const { rows } = await given.superuser.query<{ "QUERY PLAN": string }>(`EXPLAIN (ANALYZE) ${numberedText(text).numbered}`, [
      ...values,
    ])
    return rows
      .map((row) => row["QUERY PLAN"])
      .filter((line) => !line.includes("(never executed)"))
      .join("\n")
  }

  beforeAll(async () => {
    await given.superuser.query(
      "UPDATE inventory SET resting_since = clock_timestamp() WHERE reserved_count = 0 AND waitlisted = 0",
    )
    await idleSkus(given.superuser, few)
  })

  test("a step sends as many queries as with 500", async () => {
    const selling = await given.sku({ total_stock: 3 })
    await held(selling)
    await markAll()
    const before = await costOfStep()
    await idleSkus(given.superuser, many - few, "more")
    await given.redis.flushdb()
    await markAll()
    expect(await costOfStep()).toEqual(before)
    await given.expectInvariants()
  })

  test.each(periodic)("%s finds its rows by an index, and reads no row of another SKU", async (name, values) => {
    const plan = await planOf(name, values)
    expect(plan).not.toMatch(/Seq Scan on (inventory|event_progress|ledger|reservations|products)/)
    for (const [, removed] of plan.matchAll(/Rows Removed by Filter: (\d+)/g)) expect(Number(removed)).toBeLessThan(100)
  })

  test("each of these statements exists", () => {
    const files = readdirSync(new URL("../../core/adapters/postgres/statements", import.meta.url))
    for (const [name] of periodic) expect(files).toContain(`${name}.sql`)
  })

  test("one step loads the selling sale completely into a Redis that lost everything", async () => {
    const selling = await given.sku({ total_stock: 3 })
    const hold = await held(selling)
    await given.redis.flushdb()
    await sweeper()()
    expect(await isComplete(selling)).toBe(true)
    expect(await given.redis.get(redisKeys.reservation(hold.id))).toMatch(/^RESERVED/)
    await given.expectInvariants()
  })

  test("after an outage of the database only SKUs with holds need a transaction", async () => {
    const selling = await given.sku({ total_stock: 3 })
    await held(selling)
    await given.superuser.query(
      "UPDATE server_life SET started_at = started_at - interval '1 hour', alive_at = clock_timestamp() - interval '30 seconds'",
    )
    const settled: number[] = []
    await keepAlive(given.transition, async (skuNo, command) => {
      settled.push(skuNo)
      return applyCommand(skuNo, command)
    })
    const { rows } = await given.superuser.query<{ sku_no: number }>(
      "SELECT sku_no FROM inventory WHERE reserved_count > 0 ORDER BY sku_no",
    )
    expect(settled).toEqual(rows.map(({ sku_no }) => sku_no))
    expect(settled).toContain(selling.skuNo)
    await given.expectInvariants()
  })

  test("sales beyond the limit of one sweep are closed by the next", async () => {
    const count = maxClosingsPerSweep + 5
    await given.superuser.query(
      "UPDATE inventory SET closes_at = clock_timestamp() WHERE sku_no IN (SELECT sku_no FROM inventory WHERE status = 'open' AND sku_id LIKE 'more-%' ORDER BY sku_no LIMIT $1)",
      [count],
    )
    const closes = async () => (await dueSkus(given.pool)).filter(({ closes: isDue }) => isDue).map(({ skuNo }) => skuNo)
    const first = await closes()
    expect(first).toHaveLength(maxClosingsPerSweep)
    await given.superuser.query("UPDATE inventory SET closes_at = NULL WHERE sku_no = ANY($1::integer[])", [first])
    const rest = await closes()
    expect(rest).toHaveLength(count - maxClosingsPerSweep)
    await given.superuser.query("UPDATE inventory SET closes_at = NULL WHERE sku_no = ANY($1::integer[])", [rest])
    await given.expectInvariants()
  })

  test("a process finds the newest SKU by its number, with one query for all callers, and its cache stays within its limit", async () => {
    let reads = 0
    const counted = <T>(read: () => Promise<T>) => {
      reads += 1
      return read()
    }
    const newest = await given.sku({ total_stock: 3 })
    const directory = createSkuDirectory(given.pool, counted, undefined, 3)
    const asked = await Promise.all(Array.from({ length: 50 }, () => directory.findByNumber(newest.skuNo)))
    expect(new Set(asked.map((record) => record?.skuId))).toEqual(new Set([newest.skuId]))
    // The first query is for one caller, the second for all that arrived meanwhile.
    expect(reads).toBe(2)
    expect(await directory.findByNumber(2_000_000_000)).toBeUndefined()
    for (const name of ["idle-1", "idle-2", "idle-3"]) await directory.find(name)
    reads = 0
    await directory.find("idle-3")
    expect(reads).toBe(0)
    await directory.find(newest.skuId)
    expect(reads).toBe(1)
  })
})
