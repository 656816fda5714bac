import { afterEach, beforeEach, expect, test } from "vitest"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { type Answer, type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { addressThrough, type FaultProxy, faultProxy } from "../services/fault-proxy.ts"
import type { StartedPart } from "../services/parts.ts"
import { primaryOf } from "../services/redis.ts"
import { type RedisPair, redisPair } from "../services/replicas.ts"

/** From the failover, or the return of Redis, until the sale works as before. */
const recoveryMs = 5_000
/** Nothing listens there. */
const noRedisUrl = "redis://127.0.0.1:1"

let pair: RedisPair
let link: FaultProxy
let sale: RunningSale
let writer: StartedPart
beforeEach(async () => {
  pair = await redisPair()
  link = await faultProxy(pair.primary.port)
  sale = await runningSale({ redisUrl: addressThrough(link, pair.primary.url) })
  ;[writer] = await Promise.all([sale.writer(), sale.api(), sale.sweeper()])
})
afterEach(async () => {
  await sale.close()
  link.close()
  await pair.close()
})

type Sku = Awaited<ReturnType<RunningSale["sku"]>>

/** Resolves when a server holds all data of a sale and its complete mark. */
const isComplete = ({ skuNo }: Sku, { client } = pair.primary) =>
  until(async () => (await client.hget(redisKeys.sale(skuNo), "complete")) === (await primaryOf(client)))

const outcomeOf = ({ status, body }: Answer) => `${status} ${body.type ?? body.status}`

/** Repeats a call with the same key until the hold is read from Redis; @returns all answers until then */
async function outcomesUntilHold(
  skuId: string,
  subject: string,
  reservationId: string,
  { client } = pair.primary,
): Promise<string[]> {
  const outcomes: string[] = []
  await until(async () => {
    outcomes.push(outcomeOf(await sale.reserve(skuId, subject)))
    const view = await client.get(redisKeys.reservation(reservationId)).catch(() => null)
    return outcomes.at(-1) === "201 RESERVED" && view?.startsWith("RESERVED")
  })
  return outcomes
}
const refusals = (outcomes: readonly string[]) => outcomes.filter((one) => one.startsWith("409"))

test("the primary becomes a replica of another server under load: each shopper has one decision, and all clients use the new primary", async () => {
  const sku = await sale.sku({ total_stock: 60 })
  await isComplete(sku)
  const outcomes: string[] = []
  const everybody = Promise.all(
    Array.from({ length: 100 }, (_, buyer) =>
      until(async () => {
        const answer = await sale.reserve(sku.skuId, `buyer-${buyer}`)
        outcomes.push(outcomeOf(answer))
        return answer.status < 500 && answer.status !== 202 && answer
      }),
    ),
  )
  await until(() => outcomes.length >= 10)
  await pair.promote()
  await pair.demote()
  link.leadTo(pair.replica.port)
  const failedOverAtMs = performance.now()
  const answers = await everybody
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(60)
  expect(outcomes.filter((one) => /^5/.test(one) && !/^503/.test(one))).toEqual([])

  await isComplete(sku, pair.replica)
  const recoveredMs = performance.now() - failedOverAtMs
  console.log(`complete on the new primary ${Math.round(recoveredMs)} ms after the failover, with ${outcomes.length} answers`)
  const winners = answers.flatMap(({ status }, buyer) => (status === 201 ? [buyer] : []))
  const retries = await Promise.all(winners.map((buyer) => sale.reserve(sku.skuId, `buyer-${buyer}`)))
  expect(new Set(retries.map(outcomeOf))).toEqual(new Set(["201 RESERVED"]))
  expect(await pair.replica.client.keys("r:*")).not.toHaveLength(0)
  expect(recoveredMs).toBeLessThan(recoveryMs)
  await sale.expectInvariants()
})

test("a promoted replica that lost the last writes: the winner in them never reads sold out, and soon reads the hold", async () => {
  const sku = await sale.sku({ total_stock: 1 })
  const { body: first } = await sale.reserve(sku.skuId, "first")
  await isComplete(sku)
  await pair.inSync()
  // The replica misses that the unit comes back and goes to another shopper.
  pair.cut()
  await sale.call("DELETE", `/v1/reservations/${first.reservation_id}`, { sub: "first" })
  const won = await until(async () => {
    const answer = await sale.reserve(sku.skuId, "second")
    return answer.status === 201 && answer
  })
  await pair.primary.kill()
  await pair.promote()
  link.leadTo(pair.replica.port)
  const failedOverAtMs = performance.now()
  expect(await pair.replica.client.hget(redisKeys.sale(sku.skuNo), "complete")).not.toBeNull()
  expect(await pair.replica.client.exists(redisKeys.reservation(won.body.reservation_id))).toBe(0)
  const outcomes = await outcomesUntilHold(sku.skuId, "second", won.body.reservation_id, pair.replica)
  const readAfterMs = performance.now() - failedOverAtMs
  console.log(`the winner of the lost tail read the hold from Redis ${Math.round(readAfterMs)} ms after the failover`)
  expect(refusals(outcomes)).toEqual([])
  expect(readAfterMs).toBeLessThan(recoveryMs)
  await sale.expectInvariants()
})

test("Redis unavailable during a commit, and no further invocation of the writer: the winner never reads sold out, and soon reads the hold", async () => {
  const sku = await sale.sku({ total_stock: 1 })
  await isComplete(sku)
  pair.primary.freeze()
  const won = await until(async () => {
    const answer = await sale.reserve(sku.skuId, "winner")
    return answer.status === 201 && answer
  })
  // Frozen, as a function is after its answer: it does not run again.
  writer.signal("SIGSTOP")
  pair.primary.thaw()
  const backAtMs = performance.now()
  const outcomes = await outcomesUntilHold(sku.skuId, "winner", won.body.reservation_id)
  const readAfterMs = performance.now() - backAtMs
  console.log(`the winner read the hold from Redis ${Math.round(readAfterMs)} ms after its return`)
  expect(refusals(outcomes)).toEqual([])
  expect(readAfterMs).toBeLessThan(recoveryMs)
  writer.signal("SIGCONT")
  await sale.expectInvariants()
})

test("a writer killed between its commit and Redis: a winner unknown to Redis never reads sold out, and soon reads the hold", async () => {
  await writer.stop()
  const sku = await sale.sku({ total_stock: 1 })
  await isComplete(sku)
  const failpoint = sale.failpoint("writer:committed")
  const dying = await sale.writer(failpoint.variables)
  const alone = await sale.api({ REDIS_URL: noRedisUrl })
  const accepted = await sale.reserve(sku.skuId, "winner")
  expect(accepted.body.reservation_id).toBeDefined()
  await failpoint.reached()
  dying.signal("SIGKILL")
  await Promise.all([dying.ended, alone.stop()])
  failpoint.release()
  const killedAtMs = performance.now()
  await sale.api()
  const outcomes = await outcomesUntilHold(sku.skuId, "winner", accepted.body.reservation_id)
  console.log(`the winner read the hold from Redis ${Math.round(performance.now() - killedAtMs)} ms after the kill`)
  expect(refusals(outcomes)).toEqual([])
  expect(await pair.primary.client.get(redisKeys.reservation(accepted.body.reservation_id))).toMatch(/^RESERVED/)
  await sale.expectInvariants()
})
