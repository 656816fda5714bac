import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { operatorSettings, readDatabaseActivity, setOperatorSettings } from "../../core/adapters/postgres/operator-settings.ts"
import { createSkuDirectory } from "../../core/adapters/postgres/sku-directory.ts"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { createCompleteness } from "../../core/adapters/redis/completeness.ts"
import { createRedisGuard } from "../../core/adapters/redis/guard.ts"
import { createQueueGap } from "../../core/adapters/redis/queue-gap.ts"
import { createConcurrencyLimit } from "../../core/concurrency/concurrency-limit.ts"
import { limitOf } from "../../core/domain/token-bucket.ts"
import { createAdmitRequest } from "../../core/workflows/admission/admit-request.ts"
import { resolveRequest } from "../../core/workflows/admission/resolve-request.ts"
import { createSteerLimits } from "../../lambdas/expiry-sweeper/steer-limits.ts"
import { answer } from "../../lambdas/ops/answer.ts"
import { createOpsRuntime } from "../../lambdas/ops/runtime.ts"
import { clientOf } from "../sale/given-admission.ts"
import { type GivenDatabase, givenDatabase } from "../sale/given-sale.ts"
import { givenWarmer } from "../sale/given-warmer.ts"
import { handlerEnvironment } from "../services/environment.ts"

/** An address where nothing listens. */
const nowhere = "redis://127.0.0.1:9"
/** Every function works with a change after this. */
const effectMs = 5_000

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(async () => {
  await given.expectInvariants()
  await given.close()
})

const choose = (value: "tight" | "normal") => setOperatorSettings(given.transition, ["limits"], value, "the test")

/** A process that reserves: how many requests of a new user with a token of tier 2 it admits at once. */
function givenProcess(redis: Redis = given.redis) {
  const directory = createSkuDirectory(given.reader, createConcurrencyLimit())
  const guard = createRedisGuard(redis)
  const admit = createAdmitRequest({
    ...{ directory, guard, redisAdmission: createRedisAdmission(redis), gap: createQueueGap(redis) },
  })
  return async (skuId: string): Promise<number> => {
    const userId = randomUUID()
    let admitted = 0
    for (let sent = 0; sent <= limitOf(2, "normal"); sent += 1) {
      const asked = { id: randomUUID(), userId, skuId, quantity: 1, joinWaitlist: false, client: clientOf(2) }
      const resolved = await resolveRequest(directory, asked)
      if (resolved.kind !== "resolved") return expect.unreachable(resolved.reason)
      if ((await admit(resolved.request)).kind === "admitted") admitted += 1
    }
    return admitted
  }
}

test.each(["with", "without"])(
  "an operator's choice reaches a running process %s Redis in time, and a new one at once",
  async (how) => {
    const { skuId } = await given.sku({ total_stock: 1_000 })
    const redis = how === "with" ? given.redis : redisClient(nowhere)
    const running = givenProcess(redis)
    expect(await running(skuId)).toBe(limitOf(2, "normal"))
    for (const limits of ["tight", "normal"] as const) {
      await choose(limits)
      await vi.waitFor(async () => expect(await running(skuId)).toBe(limitOf(2, limits)), { timeout: effectMs, interval: 100 })
      expect(await givenProcess(redis)(skuId)).toBe(limitOf(2, limits))
    }
    expect((await operatorSettings(given.reader)).get("limits")).toMatchObject({ value: "normal", setBy: "the test" })
    if (redis !== given.redis) redis.disconnect()
  },
)

test("an operator changes the limits and the size of batches while Redis and Kafka are away", async () => {
  const environment = await handlerEnvironment({
    ...{ databaseUrl: process.env.DATABASE_URL ?? "", redisUrl: nowhere, kafkaBrokers: "127.0.0.1:9" },
  })
  const runtime = createOpsRuntime()
  const host = { requestId: "the test", signal: new AbortController().signal, progress: () => {} }
  const ask = (asked: object) => answer(runtime, { ...asked, operator: "the test" }, host)
  await setOperatorSettings(given.transition, ["limits-by-itself"], "tight", "expiry-sweeper")
  expect(await ask({ command: "limits-set", limits: "tight" })).toMatchObject({ ok: true, result: { limits: "tight" } })
  expect(await ask({ command: "limits-set", limits: "normal" })).toMatchObject({
    ok: true,
    result: { limits: "normal", by_itself: { limits: "normal", by: "the test" } },
  })
  expect(await ask({ command: "batch-size-set", records: 100 })).toMatchObject({ ok: true, result: { records: 100 } })
  await runtime.close()
  await environment.close()
})

test("a choice that is made twice goes on to name who made it first", async () => {
  await choose("tight")
  const first = (await operatorSettings(given.reader)).get("limits")
  await setOperatorSettings(given.transition, ["limits"], "tight", "another operator")
  expect((await operatorSettings(given.reader)).get("limits")).toEqual(first)
  await choose("normal")
})

test("too many reads of PostgreSQL tighten the limits; few reads and a complete Redis end that, an operator's choice stays", async () => {
  const { skuId } = await given.sku({ total_stock: 10 })
  const rates = { tightenAboveReadsPerSecond: 300, calmBelowReadsPerSecond: 200, calmMs: 1 }
  const step = createSteerLimits({
    ...{ pool: given.reader, transitionPool: given.transition, completeness: createCompleteness(given.redis), rates },
  })
  const byItself = async () => {
    await step()
    return (await operatorSettings(given.reader)).get("limits-by-itself")?.value ?? "normal"
  }
  const becomes = (limits: string) =>
    vi.waitFor(async () => expect(await byItself()).toBe(limits), { timeout: 15_000, interval: 1_100 })

  let isCrowded = true
  const crowd = (async () => {
    while (isCrowded)
      await Promise.all(Array.from({ length: 20 }, () => given.superuser.query("SELECT 1 FROM inventory LIMIT 1")))
  })()
  await becomes("tight").finally(() => {
    isCrowded = false
    return crowd
  })
  // Redis has lost the sale: the reads would come back. Two measurements find few reads, and the limits stay.
  await given.redis.flushdb()
  for (let measured = 0; measured < 2; measured += 1) {
    const { at } = await readDatabaseActivity(given.reader)
    await vi.waitFor(async () => expect((await readDatabaseActivity(given.reader)).at - at).toBeGreaterThan(1_000_000), 5_000)
    expect(await byItself()).toBe("tight")
  }
  expect(await givenProcess()(skuId)).toBe(limitOf(2, "tight"))
  await vi.waitFor(
    async () => {
      await givenWarmer(given, given.reader)()
      expect(await byItself()).toBe("normal")
    },
    { timeout: 20_000, interval: 1_100 },
  )
  expect(await givenProcess()(skuId)).toBe(limitOf(2, "normal"))
  await choose("tight")
  expect(await byItself()).toBe("normal")
  expect(await givenProcess()(skuId)).toBe(limitOf(2, "tight"))
  await choose("normal")
})
