import { Redis } from "ioredis"
import { afterEach, expect, test } from "vitest"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { type PrivatePostgres, privatePostgres } from "../services/private.ts"
import { freshRedis } from "../services/redis.ts"

let sale: RunningSale | undefined
let postgres: PrivatePostgres | undefined
afterEach(async () => {
  await sale?.close()
  await postgres?.stop()
})

const holds = 30
/** The outage is longer than the remaining time of the holds: without an extension all of them would end. */
const downMs = 4_000
/** The limit for the sign of life before the kill, and for the first check after the start. */
const heartbeatMs = 2_000

test("PostgreSQL killed with kill -9 and started again: the outage shortens no hold, each is extended once, and then they expire", async () => {
  const server = await privatePostgres()
  postgres = server
  const redisUrl = await freshRedis()
  const redis = new Redis(redisUrl)
  const running = await runningSale({ databaseUrl: server.url, superuserUrl: server.superuserUrl, redisUrl })
  sale = running
  await Promise.all([running.api(), running.writer(), running.sweeper(), running.sweeper()])
  const { skuId, skuNo } = await running.sku({ total_stock: holds })
  const shoppers = await Promise.all(Array.from({ length: holds }, (_, shopper) => running.reserve(skuId, `shopper-${shopper}`)))
  expect(new Set(shoppers.map(({ status }) => status))).toEqual(new Set([201]))
  const ends = async () => {
    const { rows } = await running.superuser.query<{ id: string; end_ms: number; state: number }>(
      "SELECT id, extract(epoch FROM expires_at)::float8 * 1000 AS end_ms, state FROM reservations WHERE sku_no = $1",
      [skuNo],
    )
    return new Map(rows.map((row) => [row.id, row]))
  }
  await running.superuser.query(
    "UPDATE reservations SET expires_at = clock_timestamp() + interval '3 seconds' WHERE sku_no = $1",
    [skuNo],
  )
  const before = await ends()
  await server.kill()
  const killedAtMs = performance.now()
  const whileDown = await running.get(`/v1/reservations/${shoppers[0]?.body.reservation_id}`, "shopper-0")
  expect([200, 503]).toContain(whileDown.status)
  expect(["EXPIRED"]).not.toContain(whileDown.body.status)
  await until(() => performance.now() - killedAtMs > downMs)
  // From now on shoppers read from PostgreSQL.
  await redis.flushdb()
  redis.disconnect()
  await server.start()
  const outageMs = performance.now() - killedAtMs
  // Two sweepers and reading shoppers: the first of them extends the hold.
  const looks = await Promise.all(
    shoppers.map(({ body }, shopper) =>
      until(async () => {
        const answer = await running.get(`/v1/reservations/${body.reservation_id}`, `shopper-${shopper}`).catch(() => undefined)
        return answer?.status === 200 && answer.body
      }),
    ),
  )
  expect(new Set(looks.map(({ status }) => status))).toEqual(new Set(["RESERVED"]))
  await until(async () => {
    const { rows } = await running.superuser.query("SELECT FROM ledger WHERE kind = 'extended' AND sku_no = $1", [skuNo])
    return rows.length > 0
  })
  const after = await ends()
  const extendedBy = [...after].map(([id, { end_ms }]) => end_ms - (before.get(id)?.end_ms ?? 0))
  expect(Math.min(...extendedBy)).toBeGreaterThanOrEqual(outageMs - 50)
  expect(Math.max(...extendedBy)).toBeLessThan(outageMs + 2 * heartbeatMs)
  expect([...after.values()].every(({ state }) => state === 1)).toBe(true)
  console.log(`down for ${Math.round(outageMs)} ms, holds extended by ${Math.round(Math.min(...extendedBy))} ms`)

  const { rows } = await running.superuser.query<{ entries: number; ids: number }>(
    "SELECT count(*)::int AS entries, sum(cardinality(moved))::int AS ids FROM ledger WHERE kind = 'extended' AND sku_no = $1",
    [skuNo],
  )
  expect(rows).toEqual([{ entries: 1, ids: holds }])
  const countdown = await running.get(`/v1/reservations/${shoppers[0]?.body.reservation_id}`, "shopper-0")
  expect(countdown.body.status).toBe("RESERVED")
  expect(Date.parse(countdown.body.expires_at ?? "")).toBeCloseTo(after.get(countdown.body.reservation_id)?.end_ms ?? 0, -1)
  const events = await until(async () => {
    const extended = (await running.events(skuId)).filter(({ event_type }) => event_type === "reservation.extended")
    return extended.length >= holds && extended
  })
  expect(new Set(events.map(({ reservation_id }) => reservation_id)).size).toBe(holds)

  // An extension by hand is added, and then the holds expire. The data's clock moves: no command has to be in time.
  await running.superuser.query("UPDATE reservations SET expires_at = expires_at + interval '60 seconds' WHERE sku_no = $1", [
    skuNo,
  ])
  const prolonged = await ends()
  expect(await running.ops("holds", "extend", skuId, "--seconds", "3")).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining(`${holds} holds of ${skuId} end 3 s later`),
  })
  expect(await running.steer("POST", `skus/${skuId}/extend`, { seconds: 1 })).toMatchObject({
    status: 200,
    body: { sku_id: skuId, holds_extended: holds },
  })
  const byHand = [...(await ends())].map(([id, { end_ms }]) => Math.round(end_ms - (prolonged.get(id)?.end_ms ?? 0)))
  expect(new Set(byHand)).toEqual(new Set([4_000]))
  await running.superuser.query("UPDATE reservations SET expires_at = clock_timestamp() WHERE sku_no = $1", [skuNo])
  await until(async () => [...(await ends()).values()].every(({ state }) => state === 4))
  expect((await running.ops("verify-sale")).output).toContain("every invariant holds")
  await running.expectInvariants()
})
