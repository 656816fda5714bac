import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import { limitsMs, type Operation, type ShopWithFaults, shopWithFaults, type TimedAnswer } from "../sale/shop-with-faults.ts"

let shop: ShopWithFaults
beforeAll(async () => {
  shop = await shopWithFaults()
})
afterAll(() => shop.close())

/** The answers that are allowed while a part is unavailable. */
type Expected = Readonly<Record<Operation, RegExp>>
/** A shopper who reads the status is paying at the same time. */
const usual: Expected = { reserve: /^20[12] /, status: /^200 (RESERVED|CONFIRMED)$/, availability: /^200$/, checkout: /^201 / }
const retryable = /^503 (temporarily-unavailable|outcome-unknown)$/
const withoutKafka: Expected = { ...usual, reserve: retryable }
/** A request is accepted and not decided. Redis serves its data until the data is too old. */
const withoutPostgres: Expected = {
  reserve: /^202 QUEUED$/,
  status: /^200 RESERVED$/,
  availability: /^(200|503 temporarily-unavailable)$/,
  checkout: retryable,
}

interface Fault {
  readonly name: string
  readonly expected: Expected
  /** From the return of the part until every operation of a shopper succeeds. */
  readonly recoveryMs: number
  /** Breaks the part. @returns a function that repairs it */
  readonly start: () => Promise<() => Promise<void>>
}

const kill = async (part: "redis" | "kafka" | "postgres") => {
  await shop[part].kill()
  return () => shop[part].start()
}
const hang = async (part: "redis" | "kafka" | "postgres") => {
  shop[part].freeze()
  return async () => shop[part].thaw()
}
/** Below the time after which a command counts as lost: the caller waits for each command. */
const slowRedisMs = 100
/** The delay in each direction: no answer comes in time. */
const tooSlowRedisMs = 200

const slow = async (ms: number) => {
  shop.redisLink.delay(ms)
  return async () => shop.redisLink.delay(0)
}

/** Sends Redis a command that makes it refuse writes; it still answers PING and reads. */
const refuseWrites = async (order: [string, ...string[]], backToNormal: [string, ...string[]]) => {
  const redis = new Redis(shop.redis.url)
  await redis.call(...order)
  return async () => {
    await redis.call(...backToNormal)
    redis.disconnect()
  }
}

const faults: readonly Fault[] = [
  { name: "Redis killed", expected: usual, recoveryMs: 5_000, start: () => kill("redis") },
  { name: "Redis hung", expected: usual, recoveryMs: 5_000, start: () => hang("redis") },
  {
    name: "Redis full",
    expected: usual,
    recoveryMs: 5_000,
    start: () => refuseWrites(["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "64mb"]),
  },
  {
    name: "Redis made a replica",
    expected: usual,
    recoveryMs: 5_000,
    start: () => refuseWrites(["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]),
  },
  { name: "Redis slow", expected: usual, recoveryMs: 5_000, start: () => slow(slowRedisMs) },
  { name: "Redis slower than the limit of its callers", expected: usual, recoveryMs: 5_000, start: () => slow(tooSlowRedisMs) },
  {
    name: "Redis flushed",
    expected: usual,
    recoveryMs: 5_000,
    start: async () => {
      const redis = new Redis(shop.redis.url)
      await redis.flushall()
      redis.disconnect()
      return async () => {}
    },
  },
  { name: "Kafka killed", expected: withoutKafka, recoveryMs: 10_000, start: () => kill("kafka") },
  { name: "Kafka hung", expected: withoutKafka, recoveryMs: 10_000, start: () => hang("kafka") },
  { name: "PostgreSQL killed", expected: withoutPostgres, recoveryMs: 10_000, start: () => kill("postgres") },
  { name: "PostgreSQL hung", expected: withoutPostgres, recoveryMs: 10_000, start: () => hang("postgres") },
  {
    name: "PostgreSQL out of connections",
    expected: withoutPostgres,
    recoveryMs: 10_000,
    start: () => shop.occupyConnections(),
  },
]

const operations: readonly Operation[] = ["reserve", "status", "availability", "checkout"]
const rounds = 2
const shoppersPerRound = 5
const names = (kind: string) => Array.from({ length: rounds * shoppersPerRound }, (_, index) => `${kind}-${index}`)

/** Every operation by several shoppers at once, and then again by other shoppers. */
async function askEverything(skuId: string): Promise<TimedAnswer[]> {
  const answers: TimedAnswer[] = []
  for (let round = 0; round < rounds; round += 1) {
    const ofRound = (kind: string) => names(kind).slice(round * shoppersPerRound, (round + 1) * shoppersPerRound)
    const asked = operations.flatMap((operation) =>
      ofRound(operation === "reserve" ? "late" : "early").map((shopper) => shop.ask(operation, skuId, shopper)),
    )
    answers.push(...(await Promise.all(asked)))
  }
  return answers
}

test.each(faults)(
  "$name: every request is answered within its limit, no accepted request is lost, and the sale soon works as before",
  async (fault) => {
    const { sale, askUntil } = shop
    const { skuId, skuNo } = await sale.sku({ total_stock: 100 })
    await Promise.all(names("early").map((shopper) => askUntil("reserve", skuId, shopper, /^201 RESERVED$/)))

    const repair = await fault.start()
    const answers = await askEverything(skuId)
    await repair()
    const repairedAtMs = performance.now()
    await askUntil("reserve", skuId, "afterwards", /^201 RESERVED$/)
    await askUntil("availability", skuId, "afterwards", /^200$/)
    await askUntil("checkout", skuId, "afterwards", /^201 /)
    const recoveredMs = performance.now() - repairedAtMs

    const slowest = (operation: Operation) =>
      Math.round(Math.max(...answers.filter((one) => one.operation === operation).map(({ tookMs }) => tookMs)))
    console.log(
      `${fault.name}: slowest ${operations.map((operation) => `${operation} ${slowest(operation)} ms`).join(", ")}; as usual ${Math.round(recoveredMs)} ms after its return`,
    )
    expect(answers.filter(({ operation, outcome }) => !fault.expected[operation].test(outcome))).toEqual([])
    expect(answers.filter(({ operation, tookMs }) => tookMs > limitsMs[operation])).toEqual([])
    expect(recoveredMs).toBeLessThan(fault.recoveryMs)

    // A shopper who repeats their request with their own key gets the same decision, and pays once.
    await Promise.all(names("late").map((shopper) => askUntil("reserve", skuId, shopper, /^201 RESERVED$/)))
    await Promise.all(names("early").map((shopper) => askUntil("checkout", skuId, shopper, /^20[01] /)))
    const { rows } = await sale.superuser.query(
      `SELECT outcome, count(*)::int AS decided, (SELECT count(*)::int FROM orders WHERE sku_id = $2) AS orders
     FROM reservations WHERE sku_no = $1 GROUP BY outcome`,
      [skuNo, skuId],
    )
    const [early, late] = [names("early").length, names("late").length]
    expect(rows).toEqual([{ outcome: 1, decided: early + late + 1, orders: early + 1 }])
    await sale.expectInvariants()
  },
)
