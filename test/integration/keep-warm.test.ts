import { randomUUID } from "node:crypto"
import { text } from "node:stream/consumers"
import { Pool } from "pg"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { createLambdaApi } from "../../core/adapters/lambda/lambda-api.ts"
import { createWarmEnvironments } from "../../core/adapters/lambda/warm-environments.ts"
import { partitionsInUse, salesNow } from "../../core/adapters/postgres/sales-now.ts"
import type { WarmTarget, WarmWindow } from "../../core/contracts/warmth.ts"
import { keepWarm } from "../../core/workflows/warming/keep-warm.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { localServer } from "../services/local-server.ts"

const checkout: WarmTarget = { functionName: "sale-checkout", qualifier: "live", environments: 200, idle: 0 }
const reserve: WarmTarget = {
  functionName: "sale-reserve",
  qualifier: "$LATEST.PUBLISHED",
  environments: 60,
  idle: 3,
  maximum: 66,
}

/** Lambda's API: it knows how many environments it was asked for, and counts the changes. */
const asked = new Map<string, number>()
const changes: string[] = []
let refused: string | undefined
let server: Awaited<ReturnType<typeof localServer>>
let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await freshDatabase()
  pool = new Pool({ connectionString: database.superuserUrl, max: 2 })
  server = await localServer(async (request, response) => {
    const url = new URL(request.url ?? "", "http://lambda")
    const [, version, , name = "", setting] = url.pathname.split("/")
    const key = `${name}:${url.searchParams.get("Qualifier")}`
    response.setHeader("content-type", "application/json")
    if (name === refused) return void response.writeHead(429).end(JSON.stringify({ message: "the limit of the account" }))
    const isProvisioned = version === "2019-09-30" && setting === "provisioned-concurrency"
    if (!isProvisioned && !(version === "2025-11-30" && setting === "function-scaling-config"))
      return void response.writeHead(404).end("{}")
    const body = request.method === "PUT" ? (JSON.parse(await text(request)) as Record<string, never>) : {}
    if (request.method !== "GET") changes.push(`${request.method} ${key}`)
    if (request.method === "DELETE") {
      asked.delete(key)
      return void response.writeHead(204).end()
    }
    if (request.method === "PUT") {
      const scaling = body.FunctionScalingConfig as { MinExecutionEnvironments: number } | undefined
      asked.set(key, scaling?.MinExecutionEnvironments ?? Number(body.ProvisionedConcurrentExecutions))
    }
    const count = asked.get(key)
    if (count === undefined && isProvisioned) return void response.writeHead(404).end("{}")
    response.end(
      JSON.stringify({
        RequestedProvisionedConcurrentExecutions: count,
        RequestedFunctionScalingConfig: { MinExecutionEnvironments: count ?? 0 },
      }),
    )
  })
})
afterAll(async () => {
  await pool.end()
  await server.close()
  await database.drop()
})
beforeEach(async () => {
  asked.clear()
  changes.splice(0)
  refused = undefined
  // A change of the status wakes a sale.
  await pool.query("UPDATE inventory SET status = 'closed'")
  await pool.query("UPDATE inventory SET resting_since = clock_timestamp()")
})

const environments = () =>
  createWarmEnvironments(
    createLambdaApi({
      region: "eu-central-1",
      credentials: { accessKeyId: "none", secretAccessKey: "none" },
      address: server.url,
    }),
  )
const look = (given: { windows?: WarmWindow[]; wantedUntilMs?: number; database?: Pool } = {}) =>
  keepWarm({
    targets: [checkout, reserve],
    windows: given.windows ?? [],
    ...{ minutesBefore: 30, minutesAfter: 5 },
    sales: (withinMs) => salesNow(given.database ?? pool, withinMs),
    wantedUntilMs: async () => given.wantedUntilMs ?? 0,
    environments: environments(),
    nowMs: Date.now,
  })
const warm = { "sale-checkout:live": 200, "sale-reserve:$LATEST.PUBLISHED": 60 }
const state = () => Object.fromEntries([...asked].toSorted())

/** A sale as PostgreSQL has it: a state, and not a history that the invariants could check. @param times SQL expressions */
async function sale(status: string, times: { opens?: string; closes?: string; rests?: string } = {}): Promise<void> {
  const skuId = `sku-${randomUUID().slice(0, 8)}`
  await pool.query(
    "INSERT INTO products (sku_id, name, price_minor, currency, definition_hash) VALUES ($1, 'A thing', 100, 'EUR', '')",
    [skuId],
  )
  await pool.query(
    `INSERT INTO inventory (sku_id, partition, per_user_limit, hold_seconds, waitlist_limit, status, opens_at, closes_at, resting_since)
     VALUES ($1, 3, 1, 120, 0, $2, ${times.opens ?? "NULL"}, ${times.closes ?? "NULL"}, ${times.rests ?? "clock_timestamp()"})`,
    [skuId, status],
  )
}

test("a sale that opens in half an hour is warmed, and one of tomorrow is not", async () => {
  await sale("draft", { opens: "clock_timestamp() + interval '1 day'" })
  expect(await look()).toEqual({ isWanted: false, changed: [reserve.functionName] })
  expect(state()).toEqual({ "sale-reserve:$LATEST.PUBLISHED": 3 })
  await sale("draft", { opens: "clock_timestamp() + interval '29 minutes'" })
  expect(await look()).toMatchObject({ isWanted: true })
  expect(state()).toEqual(warm)
  expect(await partitionsInUse(pool)).toEqual([3])
})

test("a second look asks AWS for nothing", async () => {
  await sale("open")
  await look()
  changes.splice(0)
  expect(await look()).toEqual({ isWanted: true, changed: [] })
  expect(changes).toEqual([])
})

test("a sale that an operator opens outside of the calendar is warmed, and stays warm until its last hold has ended", async () => {
  await sale("open", { rests: "NULL" })
  await look()
  expect(state()).toEqual(warm)
  await pool.query("UPDATE inventory SET status = 'closed', resting_since = NULL WHERE status = 'open'")
  expect(await look()).toMatchObject({ isWanted: true })
  await pool.query("UPDATE inventory SET resting_since = clock_timestamp() WHERE resting_since IS NULL")
  expect(await look()).toMatchObject({ isWanted: false })
  expect(state()).toEqual({ "sale-reserve:$LATEST.PUBLISHED": 3 })
})

test("a closing time that an operator moves keeps the environments", async () => {
  await sale("open", { opens: "clock_timestamp() - interval '2 hours'", closes: "clock_timestamp() - interval '6 minutes'" })
  expect(await look()).toMatchObject({ isWanted: false })
  await pool.query("UPDATE inventory SET closes_at = clock_timestamp() + interval '1 hour' WHERE status = 'open'")
  expect(await look()).toMatchObject({ isWanted: true })
})

test("the calendar and the wish of an operator count, too", async () => {
  const nowMs = Date.now()
  expect(await look({ windows: [{ fromMs: nowMs - 1_000, untilMs: nowMs + 60_000 }] })).toMatchObject({ isWanted: true })
  expect(await look({ windows: [{ fromMs: nowMs + 60_000, untilMs: nowMs + 90_000 }] })).toMatchObject({ isWanted: false })
  expect(await look({ wantedUntilMs: nowMs + 60_000 })).toMatchObject({ isWanted: true })
  expect(await look({ wantedUntilMs: nowMs - 1 })).toMatchObject({ isWanted: false })
})

test("without PostgreSQL nothing is released, and the calendar warms", async () => {
  const nowMs = Date.now()
  const away = new Pool({ host: "127.0.0.1", port: 9, connectionTimeoutMillis: 500 })
  await look({ wantedUntilMs: nowMs + 60_000 })
  changes.splice(0)
  expect(await look({ database: away })).toEqual({ isWanted: undefined, changed: [] })
  expect(state()).toEqual(warm)
  asked.clear()
  await look({ database: away, windows: [{ fromMs: nowMs - 1_000, untilMs: nowMs + 60_000 }] })
  expect(state()).toEqual(warm)
  await away.end()
})

test("a function that AWS refuses to change is named, and the others are changed all the same", async () => {
  await sale("open")
  refused = checkout.functionName
  await expect(look()).rejects.toMatchObject({ cause: { message: expect.stringContaining("the limit of the account") } })
  expect(state()).toEqual({ "sale-reserve:$LATEST.PUBLISHED": 60 })
})
