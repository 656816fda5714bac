import { afterEach, beforeEach, expect, inject, test } from "vitest"
import { answerLimits } from "../../core/contracts/http/routes.ts"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { addressThrough, type FaultProxy, faultProxy } from "../services/fault-proxy.ts"
import { freshRedis } from "../services/redis.ts"

const buyers = 90
const stock = 60
const resetEveryMs = 250

let database: TestDatabase
let links: readonly FaultProxy[]
let sale: RunningSale
beforeEach(async () => {
  database = await freshDatabase()
  const postgresLink = await faultProxy(inject("services").postgresPort)
  const redisUrl = await freshRedis()
  const redisLink = await faultProxy(Number(new URL(redisUrl).port))
  links = [postgresLink, redisLink]
  sale = await runningSale({
    databaseUrl: addressThrough(postgresLink, database.url),
    superuserUrl: database.superuserUrl,
    redisUrl: addressThrough(redisLink, redisUrl),
  })
  await Promise.all([sale.api(), sale.writer(), sale.sweeper()])
})
afterEach(async () => {
  await sale.close()
  for (const link of links) link.close()
  await database.drop()
})

const toAll = (start: (link: FaultProxy) => void) => () => {
  links.forEach(start)
  return () => {}
}
const again = (start: (link: FaultProxy) => void) => () => {
  const timer = setInterval(() => links.forEach(start), resetEveryMs)
  return () => clearInterval(timer)
}

test.each([
  ["are slow", toAll((link) => link.delay(20))],
  ["carry a few bytes at a time", toAll((link) => link.slice(7))],
  ["are reset again and again", again((link) => link.reset())],
])(
  "the connections to PostgreSQL and Redis %s: each shopper has one decision, each answer comes within its limit",
  async (_, start) => {
    const { skuId } = await sale.sku({ total_stock: stock })
    const tookMs: number[] = []
    const repair = start()
    const answers = await Promise.all(
      Array.from({ length: buyers }, (_, buyer) =>
        until(async () => {
          const startedMs = performance.now()
          const answer = await sale.reserve(skuId, `buyer-${buyer}`)
          tookMs.push(performance.now() - startedMs)
          return answer.status < 500 && answer.status !== 202 && answer
        }),
      ),
    )
    repair()
    console.log(`${tookMs.length} requests of ${buyers} buyers, the slowest answered after ${Math.round(Math.max(...tookMs))} ms`)
    expect(Math.max(...tookMs)).toBeLessThan(answerLimits.reserveMs)
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(stock)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(buyers - stock)
    expect(await sale.outcomes()).toMatchObject({ 1: stock })
    await sale.expectInvariants()
  },
)
