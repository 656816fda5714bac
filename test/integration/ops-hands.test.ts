import { Redis } from "ioredis"
import { Client } from "pg"
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest"
import type { DatabaseReport } from "../../core/contracts/operations/database.ts"
import { answer } from "../../lambdas/ops/answer.ts"
import { createOpsRuntime } from "../../lambdas/ops/runtime.ts"
import { type Ask, createClient } from "../../ops/client.ts"
import { createProgram } from "../../ops/program.ts"
import { type RunningSale, runningSale } from "../sale/running-sale.ts"

/** What an on-call does by hand: PostgreSQL's sessions and constraints, payments that fail, and Redis. */
let sale: RunningSale
let ask: Ask
let runtime: ReturnType<typeof createOpsRuntime>
beforeAll(async () => {
  sale = await runningSale()
  runtime = createOpsRuntime()
  const host = { requestId: "test", progress: () => {}, signal: new AbortController().signal }
  ask = createClient(async () => (request) => answer(runtime, request, host), "the test")
})
afterAll(async () => {
  await runtime.close()
  await sale.close()
})
const sessions: Client[] = []
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.end().catch(() => {})))
  vi.restoreAllMocks()
})

/** A session of a function's login. */
async function session(): Promise<{ client: Client; pid: number }> {
  const client = new Client({ connectionString: process.env.DATABASE_URL ?? "", application_name: "a person" })
  client.on("error", () => {})
  await client.connect()
  sessions.push(client)
  await client.query("SET ROLE flash_transition")
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
  return { client, pid: rows[0]?.pid ?? 0 }
}

/** The command as it is printed for people. */
async function printed(...args: string[]): Promise<string> {
  const lines: string[] = []
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line))
  const host = { requestId: "test", progress: () => {}, signal: new AbortController().signal }
  await createProgram(async () => async (request) => answer(runtime, request, host)).program.parseAsync(["node", "ops", ...args])
  return lines.join("\n")
}

const sessionIn = (report: DatabaseReport, pid: number) => report.sessions.find((each) => each.pid === pid)

test("db names who holds a lock and who waits for it, and ending the holder's session frees it", async () => {
  const { skuNo } = await sale.sku({ total_stock: 5 })
  const [holder, waiter] = [await session(), await session()]
  const update = `UPDATE inventory SET seq = seq WHERE sku_no = ${skuNo} AND sku_id <> 'a person''s text'`
  await holder.client.query("BEGIN")
  await holder.client.query(update)
  const waiting = waiter.client.query(update)
  const report = await vi.waitFor(
    async () => {
      const read = await ask({ command: "db" })
      expect(sessionIn(read, waiter.pid)?.blocked_by).toEqual([holder.pid])
      return read
    },
    { timeout: 3_000, interval: 50 },
  )
  expect(sessionIn(report, holder.pid)).toMatchObject({ client: "a person", state: "idle in transaction", blocked_by: [] })
  expect(sessionIn(report, waiter.pid)?.waits_for).toMatch(/^Lock:/)
  expect(JSON.stringify(report.sessions)).not.toContain("person's text")
  const shown = await printed("db")
  expect(shown).toMatch(
    new RegExp(`waiting for locks:\\n${holder.pid} a person, idle in transaction.*\\n  ${waiter.pid} a person, active`),
  )
  expect(await ask({ command: "db-end", pid: holder.pid, whole_session: true })).toEqual({ pid: holder.pid, ended: "session" })
  await waiting
})

test("db counts statements and shows tables, and ends one statement of a session that stays", async () => {
  const report = await ask({ command: "db" })
  expect(report.statements?.length).toBeGreaterThan(0)
  expect(report.tables.map(({ table }) => table)).toContain("inventory")
  expect(report.max_connections).toBe(200)
  const { client, pid } = await session()
  const slept = expect(client.query("SELECT pg_sleep(60)")).rejects.toMatchObject({ code: "57014" })
  await vi.waitFor(async () => expect(sessionIn(await ask({ command: "db" }), pid)?.state).toBe("active"), 3_000)
  expect(await ask({ command: "db-end", pid, whole_session: false })).toEqual({ pid, ended: "statement" })
  await slept
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
})

test("db ends neither a superuser's session nor one that is gone, and no role of the functions may do it by itself", async () => {
  const { rows } = await sale.superuser.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
  for (const pid of [rows[0]?.pid ?? 0, 999_999_999]) {
    await expect(ask({ command: "db-end", pid, whole_session: true })).rejects.toMatchObject({
      type: "/problems/session-not-found",
    })
  }
  const { client } = await session()
  for (const call of ["end_session(1, true)", "database_activity()", "restore_checks()"]) {
    await expect(client.query(`SELECT ${call}`)).rejects.toMatchObject({ code: "42501" })
  }
})

test("the CHECK constraints of a new database are those that this version expects", async () => {
  expect(await ask({ command: "db-constraints" })).toEqual({ differing: [], restored: [] })
})

test("a constraint that somebody dropped or added is named, and the dropped one is put back", async () => {
  await sale.superuser.query("ALTER TABLE inventory DROP CONSTRAINT never_oversold")
  await sale.superuser.query("ALTER TABLE orders ADD CONSTRAINT a_rule_of_somebody CHECK (amount_minor > 1) NOT VALID")
  const before = await ask({ command: "db-constraints" })
  expect(before.differing.map(({ table, name, state }) => [table, name, state])).toEqual([
    ["inventory", "never_oversold", "missing"],
    ["orders", "a_rule_of_somebody", "unknown"],
  ])
  const after = await ask({ command: "db-constraints-restore" })
  expect(after.restored).toEqual(["never_oversold"])
  expect(after.differing.map(({ name }) => name)).toEqual(["a_rule_of_somebody"])
  await sale.superuser.query("ALTER TABLE orders DROP CONSTRAINT a_rule_of_somebody")
  await expect(sale.superuser.query("UPDATE inventory SET sold_count = total_stock + 1")).rejects.toMatchObject({ code: "23514" })
})

test("payments that were set aside are listed with their last error, and are tried at once", async () => {
  const id = crypto.randomUUID()
  await sale.superuser.query(
    `INSERT INTO payment_retries (work, attempt_id, tries, since, next_at, last_error)
     VALUES ('capture', $1, 7, now() - interval '1 hour', now() + interval '5 minutes', 'the bank does not answer')`,
    [id],
  )
  const list = await ask({ command: "payments", limit: 50 })
  expect(list).toMatchObject({ in_all: 1, items: [{ work: "capture", id, tries: 7, last_error: "the bank does not answer" }] })
  expect(await printed("payments")).toContain("the bank does not answer")
  expect(await ask({ command: "payments-retry" })).toEqual({ due_now: 1 })
  const { rows } = await sale.superuser.query<{ due: boolean }>("SELECT next_at <= now() AS due FROM payment_retries")
  expect(rows).toEqual([{ due: true }])
  await sale.superuser.query("DELETE FROM payment_retries")
})

test("redis shows what it has and which sales it knows; a flush removes everything, and is refused without --yes", async () => {
  const { skuId } = await sale.sku({ total_stock: 5 })
  const redis = new Redis(process.env.REDIS_URL ?? "")
  await redis.set("something", "1")
  redis.disconnect()
  const report = await ask({ command: "redis" })
  expect(report).toMatchObject({ role: "master", evicted_keys: 0, keys: expect.any(Number) })
  expect(report.keys).toBeGreaterThan(0)
  expect(report.sales.map((each) => each.sku_id)).toContain(skuId)
  expect(await printed("redis")).toContain(skuId)
  await expect(ask({ command: "redis-reload", sku_id: "nothing" })).rejects.toMatchObject({ type: "/problems/sku-not-found" })
})
