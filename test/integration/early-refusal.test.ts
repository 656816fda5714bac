import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { recordsIn } from "../sale/topic-records.ts"

/** The longest time for which admission answers "sold out" after a unit has come back. */
const reopensWithinMs = 5_000

let sale: RunningSale
beforeAll(async () => {
  sale = await runningSale()
  await Promise.all([sale.api(), sale.writer(), sale.sweeper()])
})
afterAll(() => sale.close())

type Sku = Awaited<ReturnType<RunningSale["sku"]>>
const soldOutEarly = { status: 409, body: { type: "/problems/sold-out", decided: false } }
const closedEarly = { status: 409, body: { type: "/problems/sale-closed", decided: false } }

let shoppers = 0
const newShopper = () => {
  shoppers += 1
  return `shopper-${shoppers}`
}
const isEarly = ({ status, body }: { status: number; body: { decided: boolean } }) => status === 409 && !body.decided

/** A sale of one unit that is sold, and whose losers are refused at admission. */
async function soldOut() {
  const sku = await sale.sku({ total_stock: 1 })
  const winner = newShopper()
  const { body } = await sale.reserve(sku.skuId, winner)
  await refusedEarly(sku)
  return { ...sku, winner, winnerId: body.reservation_id }
}
const refusedEarly = ({ skuId }: Sku) => until(async () => isEarly(await sale.reserve(skuId, newShopper())))

/** Sends requests of new shoppers until one gets a unit. @returns the time until then */
async function reopenedAfterMs({ skuId }: Sku, what: string): Promise<number> {
  const sinceMs = performance.now()
  await until(async () => (await sale.reserve(skuId, newShopper())).status === 201)
  const ms = performance.now() - sinceMs
  console.log(`${what}: a shopper had a unit after ${Math.round(ms)} ms`)
  return ms
}

describe("admission refuses a losing request before the queue", () => {
  test("when every unit is taken, and when the sale is over: no record is written", async () => {
    const sku = await soldOut()
    const before = await recordsIn(sale.topics.requests)
    const askAll = () => Promise.all(Array.from({ length: 50 }, () => sale.reserve(sku.skuId, newShopper())))
    for (const answer of await askAll()) expect(answer).toMatchObject(soldOutEarly)
    await sale.steer("POST", `skus/${sku.skuId}/close`)
    for (const answer of await askAll()) expect(answer).toMatchObject(closedEarly)
    expect(await recordsIn(sale.topics.requests)).toBe(before)
    await sale.expectInvariants()
  })

  test("but not the winner's retry: it reads the hold", async () => {
    const sku = await soldOut()
    expect(await sale.reserve(sku.skuId, sku.winner)).toMatchObject({ status: 201, body: { status: "RESERVED" } })
    await sale.expectInvariants()
  })
})

describe("a unit that comes back is for sale within 5 s", () => {
  test("after a restock", async () => {
    const sku = await soldOut()
    await sale.steer("POST", `skus/${sku.skuId}/restock`, { quantity: 1 })
    expect(await reopenedAfterMs(sku, "restock")).toBeLessThan(reopensWithinMs)
    await refusedEarly(sku)
    await sale.expectInvariants()
  })

  test("after a cancel", async () => {
    const sku = await soldOut()
    await sale.call("DELETE", `/v1/reservations/${sku.winnerId}`, { sub: sku.winner })
    expect(await reopenedAfterMs(sku, "cancel")).toBeLessThan(reopensWithinMs)
    await sale.expectInvariants()
  })

  test("after a hold has ended", async () => {
    const sku = await soldOut()
    await sale.superuser.query("UPDATE reservations SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1", [
      sku.winnerId,
    ])
    await until(async () => {
      const { rowCount } = await sale.superuser.query("SELECT FROM ledger WHERE sku_no = $1 AND kind = 'expired'", [sku.skuNo])
      return rowCount === 1
    })
    expect(await reopenedAfterMs(sku, "expiry")).toBeLessThan(reopensWithinMs)
    await sale.expectInvariants()
  })
})

describe("a loss of Redis data causes wrong refusals for at most 5 s", () => {
  test("when Redis falls back to its state before the restock", async () => {
    const sku = await soldOut()
    const key = redisKeys.sale(sku.skuNo)
    const old = await sale.redis.hgetall(key)
    await sale.steer("POST", `skus/${sku.skuId}/restock`, { quantity: 1 })
    await sale.redis.hset(key, old)
    expect(await reopenedAfterMs(sku, "restock that Redis forgot")).toBeLessThan(reopensWithinMs)
    await sale.expectInvariants()
  })

  test("after FLUSHALL while a unit comes back; soon after, losers are refused early again", async () => {
    const sku = await soldOut()
    await sale.redis.flushdb()
    await sale.steer("POST", `skus/${sku.skuId}/restock`, { quantity: 1 })
    await sale.redis.flushdb()
    expect(await reopenedAfterMs(sku, "restock beside FLUSHALL")).toBeLessThan(reopensWithinMs)
    const sinceMs = performance.now()
    await refusedEarly(sku)
    console.log(`losers were refused early again ${Math.round(performance.now() - sinceMs)} ms after the last unit was gone`)
    expect(await sale.reserve(sku.skuId, sku.winner)).toMatchObject({ status: 201, body: { status: "RESERVED" } })
    await sale.expectInvariants()
  })
})
