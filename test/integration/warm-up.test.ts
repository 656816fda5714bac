import { Redis } from "ioredis"
import { Pool } from "pg"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { isWarmingUp } from "../../core/runtime/environment.ts"
import type { Runtime } from "../../core/runtime/lifecycle.ts"
import { prepareShopperCalls } from "../../core/runtime/warm-up/shopper-calls.ts"
import { type PrepareRounds, warmUp } from "../../core/runtime/warm-up/warm-up.ts"
import { inWarmUpWorld } from "../../core/runtime/warm-up/world.ts"
import { type ApiFunctions, loadFunctions } from "../../local/gateway/handlers.ts"
import { prepareGatewayCalls } from "../../local/gateway/warm-up.ts"
import { recordsIn } from "../sale/topic-records.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"
import { givenWarmUpStores, type WarmUpStores } from "../services/warm-up-stores.ts"

/** Two rounds: enough for every kind of call, and for a second round with other holds. */
const twoRounds = { longestMs: 60_000, leastRounds: 2, steadyRounds: 1, fasterShare: 0 }

let database: TestDatabase
let stores: WarmUpStores
let topics: TestTopics
let environment: HandlerEnvironment
let redis: Redis
let pool: Pool
beforeAll(async () => {
  database = await freshDatabase()
  stores = await givenWarmUpStores(database)
  topics = await freshTopics({ databaseUrl: database.url, partitions: 2 })
  const redisUrl = await freshRedis()
  environment = await handlerEnvironment({ databaseUrl: database.url, redisUrl, topics, more: stores.variables })
  redis = new Redis(redisUrl)
  pool = new Pool({ connectionString: database.superuserUrl, max: 1 })
})
afterAll(async () => {
  redis.disconnect()
  await Promise.all([environment.close(), pool.end(), stores.drop()])
  await database.drop()
})

/** Everything that a warm-up must not touch. */
async function saleState() {
  const counted = ["inventory", "products", "reservations", "ledger", "orders", "payment_attempts", "user_holdings"]
  const { rows } = await pool.query(`SELECT ${counted.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(", ")}`)
  const keys = (await redis.keys("*")).filter((key) => key !== "probe")
  const { requests, events, deadLetters } = topics
  const [asked, published, setAside] = await Promise.all([requests, events, deadLetters].map((topic) => recordsIn(topic)))
  return { rows, keys, asked, published, setAside }
}
let before: Awaited<ReturnType<typeof saleState>>
beforeEach(async () => {
  before = await saleState()
})

const runtimesOf = (functions: ApiFunctions) => [...functions.values()].flatMap(({ runtime }) => (runtime ? [runtime] : []))

test("the gateway's warm-up gets every answer of a rush, touches no sale and leaves nothing behind", async () => {
  const functions = await loadFunctions()
  const counts = new Map<string, number>()
  const { roundMs } = await warmUp(runtimesOf(functions), prepareGatewayCalls(functions, counts), twoRounds)
  expect(roundMs).toHaveLength(2)
  expect([...counts.keys()].sort()).toEqual([
    ...["availability 200", "cancelled 200", "catalogue 200", "orders 200", "paid 201", "queued 202", "repeated 201"],
    ...["sold-out 409", "status 200", "status-queued 200", "won 201"],
  ])
  expect(await stores.remains()).toEqual({})
  expect(await saleState()).toEqual(before)
  expect(isWarmingUp()).toBe(false)
})

test.each([
  ["availability", "availability"],
  ["reservation", "reservation"],
])("a function alone warms up with the calls that it serves: %s", async (name) => {
  const all = await loadFunctions()
  const functions: ApiFunctions = new Map([...all].filter(([each]) => each === name))
  const counts = new Map<string, number>()
  await warmUp(runtimesOf(functions), prepareGatewayCalls(functions, counts), twoRounds)
  expect([...counts.keys()].every((answer) => answer.endsWith(" 200"))).toBe(true)
  expect(counts.size).toBeGreaterThan(0)
  expect(await stores.remains()).toEqual({})
  expect(await saleState()).toEqual(before)
})

test.each(["batch-writer", "event-reactor", "expiry-sweeper"])(
  "the warm-up of %s does its work, touches no sale and leaves nothing behind",
  async (folder) => {
    const consumer = (await import(`../../lambdas/${folder}/handler.ts`)) as {
      readonly runtime: Runtime<unknown>
      readonly rounds: PrepareRounds
    }
    const { roundMs } = await warmUp([consumer.runtime], consumer.rounds, twoRounds)
    expect(roundMs).toHaveLength(2)
    expect(await stores.remains()).toEqual({})
    expect(await saleState()).toEqual(before)
  },
)

test("a warm-up that fails leaves nothing behind either, and the process uses its own environment again", async () => {
  const failing: PrepareRounds = async (world) => {
    await prepareShopperCalls(world, new Set(["reserve"]), async () => ({ status: 200, body: "" }))
    throw new Error("a planted failure")
  }
  await expect(warmUp([], failing, twoRounds)).rejects.toThrow("a planted failure")
  expect(await stores.remains()).toEqual({})
  expect(isWarmingUp()).toBe(false)
})

test("the check for remains finds a sale that a warm-up did not remove", async () => {
  await inWarmUpWorld(async (world) => {
    const { skuNo } = await world.sales.open(10)
    expect(skuNo).toBeGreaterThan(0)
    expect(await stores.remains()).toMatchObject({ inventory: 1, products: 1, ledger: 1 })
  })
  expect(await stores.remains()).toEqual({})
})
