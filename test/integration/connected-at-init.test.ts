import { randomUUID } from "node:crypto"
import { Pool } from "pg"
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest"
import type { HttpHandler } from "../../core/adapters/http/handler.ts"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import { connectOnDemandMs } from "../../core/runtime/warm-up/at-init.ts"
import { type StartedEnvironment, startEnvironment } from "../bundles/environment.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics } from "../services/topics.ts"
import { givenWarmUpStores, type WarmUpStores } from "../services/warm-up-stores.ts"
import { call } from "../unit/http/call.ts"

let database: TestDatabase
let stores: WarmUpStores
let environment: HandlerEnvironment
let superuser: Pool
const skuId = `sku-${randomUUID().slice(0, 8)}`

beforeAll(async () => {
  database = await freshDatabase()
  stores = await givenWarmUpStores(database)
  const topics = await freshTopics({ databaseUrl: database.url, partitions: 2 })
  const redisUrl = await freshRedis()
  environment = await handlerEnvironment({ databaseUrl: database.url, redisUrl, topics, more: stores.variables })
  superuser = new Pool({ connectionString: database.superuserUrl, max: 1 })
  const admin: HttpHandler = (await import("../../lambdas/admin/handler.ts")).handler
  const authorization = `Bearer ${await environment.token({ sub: "admin", scope: "sales:admin" })}`
  const headers = { authorization, "content-type": "application/json" }
  const body = JSON.stringify({ sku_id: skuId, name: "A thing", price_minor: 500, currency: "EUR", total_stock: 5 })
  expect(await call(admin, "POST /v1/admin/skus", { headers, body })).toMatchObject({ status: 201 })
  const opened = await call(admin, "POST /v1/admin/skus/{sku_id}/open", { headers: { authorization }, path: { sku_id: skuId } })
  expect(opened).toMatchObject({ status: 200 })
})
afterAll(async () => {
  expect(await checkInvariants(superuser)).toMatchObject({ ok: true })
  await Promise.all([environment.close(), superuser.end(), stores.drop()])
  await database.drop()
})

/** An environment of `reserve` as Lambda starts it. */
async function startReserve(type: string, more: Record<string, string> = {}): Promise<StartedEnvironment> {
  const started = await startEnvironment("reserve", {
    ...environment.variables,
    ...{ WARM_UP: "on", AWS_LAMBDA_INITIALIZATION_TYPE: type, SERVICE_NAME: "reserve", DATABASE_POOL_SIZE: "2" },
    ...more,
  })
  onTestFinished(() => started.stop())
  return started
}

/** A shopper who takes a position in the queue: nothing decides in this test. */
async function reserve(started: StartedEnvironment): Promise<{ status: number; tookMs: number }> {
  const authorization = `Bearer ${await environment.token({ sub: randomUUID() })}`
  const headers = { authorization, "content-type": "application/json", "idempotency-key": randomUUID(), prefer: "respond-async" }
  let tookMs = 0
  const handler = async (event: unknown) => {
    const step = await started.invoke(event)
    tookMs = step.tookMs
    return step.result as object
  }
  const body = JSON.stringify({ sku_id: skuId, quantity: 1 })
  const { status } = await call(handler as HttpHandler, "POST /v1/reservations", { headers, body })
  return { status: status ?? 0, tookMs }
}

/** Values of a counter in the metrics that the process has written. */
const counted = (started: StartedEnvironment, name: string): number =>
  [...started.printed().matchAll(new RegExp(`"${name}":(\\d+)`, "g"))].reduce((total, [, value]) => total + Number(value), 0)

const ports = () => {
  const { postgresPort, kafkaBrokers } = inject("services")
  return { postgres: postgresPort, kafka: Number(kafkaBrokers.split(":").at(-1)) }
}

test.each(["provisioned-concurrency", "on-demand"])(
  "an environment (%s) is connected before its first request, which makes no connection",
  async (type) => {
    const started = await startReserve(type)
    const before = started.connections()
    // The pool of reads, and the link to the leader of the sale's partition.
    expect(before.get(ports().postgres)).toBe(2)
    expect(before.get(ports().kafka)).toBe(1)
    expect(counted(started, "environment.connected")).toBe(1)
    expect(counted(started, "environment.unconnected")).toBe(0)
    const { status, tookMs } = await reserve(started)
    expect(status).toBe(202)
    // Connections that rest may end, as that to the issuer, whose keys the environment has; no other is made.
    for (const [port, count] of started.connections()) expect(count).toBeLessThanOrEqual(before.get(port) ?? 0)
    console.info(`${type}: initialised in ${started.initialised.tookMs.toFixed(0)} ms, first request ${tookMs.toFixed(1)} ms`)
  },
)

test("an environment whose brokers are away at its start serves within Lambda's 10 s, says so, and answers 503", async () => {
  const started = await startReserve("on-demand", { KAFKA_BROKERS: "127.0.0.1:9" })
  expect(counted(started, "environment.unconnected")).toBe(1)
  expect(counted(started, "environment.connected")).toBe(0)
  expect(started.initialised.tookMs).toBeLessThan(connectOnDemandMs + 5_000)
  // PostgreSQL and Redis are connected all the same.
  expect(started.connections().get(ports().postgres)).toBe(2)
  expect((await reserve(started)).status).toBe(503)
})
