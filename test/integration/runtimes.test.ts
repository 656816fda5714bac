import { createHash, randomUUID } from "node:crypto"
import { Redis } from "ioredis"
import { Pool } from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { defineRuntime, type Runtime } from "../../core/runtime/lifecycle.ts"
import { openPool } from "../../core/runtime/postgres.ts"
import { openRedis } from "../../core/runtime/redis.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics } from "../services/topics.ts"

/** The functions of the API that make connections; one process of the local gateway holds all of them. */
const folders = [
  ...["admin", "availability", "catalogue", "checkout", "health", "orders"],
  ...["reservation", "reserve", "reserve-batch"],
]

let database: TestDatabase
let redisUrl: string
let environment: HandlerEnvironment
let superuser: Pool
let runtimes: Map<string, Runtime<unknown>>
beforeAll(async () => {
  database = await freshDatabase()
  redisUrl = await freshRedis()
  const topics = await freshTopics({ databaseUrl: database.url, partitions: 2 })
  environment = await handlerEnvironment({ databaseUrl: database.url, redisUrl, topics })
  superuser = new Pool({ connectionString: database.superuserUrl, max: 1 })
  runtimes = new Map(
    await Promise.all(
      folders.map(async (folder): Promise<[string, Runtime<unknown>]> => {
        const { runtime } = await import(`../../lambdas/${folder}/handler.ts`)
        return [folder, runtime]
      }),
    ),
  )
})
afterAll(async () => {
  await Promise.all([environment.close(), superuser.end()])
  await database.drop()
})

/** Connections of the functions, by the role that they act as. */
async function connections(): Promise<Record<string, number>> {
  const { rows } = await superuser.query<{ role: string; connections: number }>(
    `SELECT replace(application_name, 'flash-sale ', '') AS role, count(*)::int AS connections
     FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'flash-sale %' GROUP BY 1 ORDER BY 1`,
  )
  return Object.fromEntries(rows.map(({ role, connections: count }) => [role, count]))
}

test("the functions of one process share the connections for reads, and leave none open when they close", async () => {
  await Promise.all([...runtimes.values()].map((runtime) => runtime.open()))
  expect(await connections()).toEqual({})
  await Promise.all([...runtimes.values()].map((runtime) => runtime.warm()))
  // The pools that serve a rush have all of their connections: eight that the reading functions share, eight for
  // checkouts, two for shoppers' commands. Each other pool has its first: reader for orders, health and admin's checks;
  // transition for admin and for the calls of a batch; analytics for admin.
  expect(await connections()).toEqual({ admin: 1, analytics: 1, checkout: 8, reader: 11, transition: 4 })
  await Promise.all([...runtimes.values()].map((runtime) => runtime.close()))
  await expect.poll(connections).toEqual({})
})

test("a warm pool that serves a rush has all of its connections, and uses them again", async () => {
  const runtime = defineRuntime((resources) => openPool(resources, { role: "reader", size: 3, servesRush: true }))
  await runtime.warm()
  const pool = await runtime.open()
  expect([pool.totalCount, pool.idleCount]).toEqual([3, 3])
  await Promise.all([1, 2, 3].map(() => pool.query("SELECT pg_sleep(0.05)")))
  expect(pool.totalCount).toBe(3)
  await runtime.close()
})

test("a warm runtime has its first connection, and its scripts are in Redis", async () => {
  const lua = `return '${randomUUID()}'`
  const runtime = defineRuntime(async (resources) => {
    const redis = await openRedis(resources)
    redis.defineCommand("ofThisTest", { lua, numberOfKeys: 0 })
    await firstContact(redis)
    return { redis, pool: await openPool(resources, { role: "reader", size: 2 }) }
  })
  await runtime.warm()
  const { redis, pool } = await runtime.open()
  expect(pool.totalCount).toBe(1)
  const observer = new Redis(redisUrl)
  expect(await observer.script("EXISTS", createHash("sha1").update(lua).digest("hex"))).toEqual([1])
  observer.disconnect()
  await runtime.close()
  await expect.poll(() => redis.status).toBe("end")
  await expect(pool.query("SELECT 1")).rejects.toThrow()
})
