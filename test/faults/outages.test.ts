import { Redis } from "ioredis"
import { afterEach, expect, test } from "vitest"
import { type Answer, type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { type PrivateServer, privatePostgres, privateRedis } from "../services/private.ts"
import { primaryOf } from "../services/redis.ts"

let sale: RunningSale | undefined
let server: PrivateServer | undefined
afterEach(async () => {
  await sale?.close()
  await server?.stop()
})

const buyers = 240

/** Buyers who repeat their request with the same key until they get a business answer. Returns the outcome of each. */
function everybodyBuys(running: RunningSale, skuId: string): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: buyers }, (_, buyer) =>
      until(async () => {
        const answer = await running.reserve(skuId, `buyer-${buyer}`).catch(() => undefined)
        return answer && answer.status < 500 && answer.status !== 202 && answer
      }),
    ),
  )
}

async function expectSoldOnce(running: RunningSale, answers: readonly Answer[], stock: number): Promise<void> {
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(stock)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]))
  expect((await running.outcomes())[1]).toBe(stock)
  await running.expectInvariants()
}

test("PostgreSQL killed and restarted under load: nothing accepted is lost, nothing is sold twice", async () => {
  const postgres = await privatePostgres()
  server = postgres
  const running = await runningSale({ databaseUrl: postgres.url, superuserUrl: postgres.superuserUrl })
  sale = running
  await Promise.all([running.api(), running.writer(), running.sweeper()])
  const sku = await running.sku({ total_stock: 100 })
  const before = await Promise.all(Array.from({ length: 40 }, (_, buyer) => running.reserve(sku.skuId, `early-${buyer}`)))
  await postgres.kill()
  const killedAtMs = performance.now()
  const during = await Promise.all(Array.from({ length: 10 }, (_, buyer) => running.reserve(sku.skuId, `during-${buyer}`)))
  expect(during.map(({ status }) => status)).toEqual(Array(10).fill(202))
  const everybody = everybodyBuys(running, sku.skuId)
  await postgres.start()
  const answers = await everybody
  console.log(`every buyer had an answer ${Math.round(performance.now() - killedAtMs)} ms after the kill`)
  const decidedLater = await Promise.all(
    during.map(({ body }, buyer) =>
      until(async () => {
        const status = await running.get(`/v1/reservations/${body.reservation_id}?receipt=${body.receipt}`, `during-${buyer}`)
        return status.body.decided && status.body.status
      }),
    ),
  )
  // They were accepted first, and they are served first.
  expect(decidedLater).toEqual(Array(10).fill("RESERVED"))
  expect(before.filter(({ status }) => status !== 201)).toEqual([])
  await expectSoldOnce(running, [...before, ...during.map((answer) => ({ ...answer, status: 201 })), ...answers], 100)
})

test("FLUSHALL in the middle of a sale changes no decision, and no winner's retry reads a refusal", async () => {
  const redis = await privateRedis()
  server = redis
  const running = await runningSale({ redisUrl: redis.url })
  sale = running
  await Promise.all([running.api(), running.writer(), running.sweeper()])
  const sku = await running.sku({ total_stock: 100 })
  const client = new Redis(redis.url)
  const early = await Promise.all(Array.from({ length: 40 }, (_, winner) => running.reserve(sku.skuId, `winner-${winner}`)))
  const everybody = everybodyBuys(running, sku.skuId)
  await client.flushall()
  const answers = await everybody
  await client.flushall()
  const retries = await Promise.all(early.map((_, winner) => running.reserve(sku.skuId, `winner-${winner}`)))
  expect(retries.map(({ status, body }) => [status, body.reservation_id, body.status])).toEqual(
    early.map(({ body }) => [201, body.reservation_id, "RESERVED"]),
  )
  client.disconnect()
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(60)
  await running.expectInvariants()
})

test("Redis killed in the middle of a sale: requests are decided without it, and it is loaded again soon after its return", async () => {
  const redis = await privateRedis()
  server = redis
  sale = await runningSale({ redisUrl: redis.url })
  await Promise.all([sale.api(), sale.writer(), sale.sweeper()])
  const sku = await sale.sku({ total_stock: 100 })
  await redis.kill()
  await expectSoldOnce(sale, await everybodyBuys(sale, sku.skuId), 100)
  await redis.start()
  const startedAtMs = performance.now()
  const client = new Redis(redis.url)
  await until(async () => (await client.hget(`sale:${sku.skuNo}`, "complete")) === (await primaryOf(client)))
  console.log(`complete again ${Math.round(performance.now() - startedAtMs)} ms after its return`)
  expect(await client.keys("r:*")).toHaveLength(100)
  client.disconnect()
})

test("a hung Redis delays no request for long and changes no decision", async () => {
  const redis = await privateRedis()
  server = redis
  sale = await runningSale({ redisUrl: redis.url })
  await Promise.all([sale.api(), sale.writer()])
  const sku = await sale.sku({ total_stock: 100 })
  redis.freeze()
  const answers = await everybodyBuys(sale, sku.skuId)
  redis.thaw()
  await expectSoldOnce(sale, answers, 100)
})
