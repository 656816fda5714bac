import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { createRequestLog } from "../../core/adapters/kafka/request-log.ts"
import { quarantineSize } from "../../core/adapters/postgres/preflight-reads.ts"
import { createReservationReads } from "../../core/adapters/postgres/reservation-reads.ts"
import { createConcurrencyLimit } from "../../core/concurrency/concurrency-limit.ts"
import { type OpsAnswer, opsCommands } from "../../core/contracts/ops.ts"
import { openKafka } from "../../core/runtime/kafka.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { retryRecord } from "../../core/workflows/quarantine/retry-record.ts"
import { answer } from "../../lambdas/ops/answer.ts"
import { createOpsRuntime } from "../../lambdas/ops/runtime.ts"
import { requestRecord } from "../sale/records.ts"
import { type RunningSale, runningSale } from "../sale/running-sale.ts"
import { appendRaw } from "../sale/topic-records.ts"

let sale: RunningSale
let ops: ReturnType<typeof createOpsRuntime>
/** Records that the test and the retries put into the topic. */
let appended = 0
beforeAll(async () => {
  sale = await runningSale()
  await sale.writer()
  ops = createOpsRuntime()
})
afterAll(async () => {
  await ops.close()
  await sale.expectInvariants()
  await sale.close()
})

type Asked = { readonly command: keyof typeof opsCommands } & Record<string, unknown>
const host = { requestId: "the test", signal: new AbortController().signal, progress: () => {} }
const ask = (asked: Asked): Promise<OpsAnswer> => answer(ops, { operator: "the test", ...asked }, host)

/** The result of a command, checked against its contract. */
async function result<Name extends keyof typeof opsCommands>(asked: Asked & { readonly command: Name }) {
  const answered = await ask(asked)
  expect(answered).toMatchObject({ ok: true })
  return opsCommands[asked.command].result.parse(answered.ok && answered.result) as never as Record<string, unknown> & {
    readonly record: { readonly state: string; readonly done: { readonly moved_to: Place | null } | null }
  }
}

interface Place {
  readonly partition: number
  readonly offset: number
}

async function partitionOf(skuId: string): Promise<number> {
  const { rows } = await sale.superuser.query<{ partition: number }>("SELECT partition FROM inventory WHERE sku_id = $1", [skuId])
  return rows[0]?.partition ?? 0
}

/** Puts records behind each other, and waits until the writer has passed them. @returns the place of the first */
async function deliver(partition: number, records: readonly { key: string; value: Buffer | null }[]): Promise<Place> {
  const { rows } = await sale.superuser.query<{ next: number }>(
    'SELECT next_offset::float8 AS "next" FROM partition_progress WHERE topic = $1 AND partition = $2',
    [sale.topics.requests, partition],
  )
  await appendRaw(sale.topics.requests, partition, records)
  appended += records.length
  await sale.queueIsDecided(appended)
  return { partition, offset: rows[0]?.next ?? 0 }
}

/** Waits until the writer has passed what retries have appended. */
async function retriesAreDecided(retries: number): Promise<void> {
  appended += retries
  await sale.queueIsDecided(appended)
}

async function stateOf(id: string): Promise<string | undefined> {
  const { rows } = await sale.superuser.query<{ state: number; units: number }>(
    "SELECT r.state, r.quantity AS units FROM reservations r WHERE r.id = $1",
    [id],
  )
  return rows[0] && `${rows[0].state}`
}
const [reserved, refused] = ["1", "0"]

test("a record with a wrong key is listed, shown beside its neighbours, and decided once after any number of retries", async () => {
  const { skuId, skuNo } = await sale.sku({ total_stock: 5 })
  const partition = await partitionOf(skuId)
  const [before, wrong, after] = [
    requestRecord({ skuId, skuNo }),
    requestRecord({ skuId, skuNo }),
    requestRecord({ skuId, skuNo }),
  ]
  const first = await deliver(partition, [before, { ...wrong, key: "another" }, after])
  const place = { partition, offset: first.offset + 1 }
  expect(await result({ command: "quarantine-list", state: "open" })).toMatchObject({
    by_reason: [{ reason: "key-mismatch", open: 1, retried: 0, dropped: 0 }],
    items: [{ ...place, reason: "key-mismatch", state: "open", request: { id: wrong.id, user: wrong.userId, sku_id: skuId } }],
    next: null,
  })
  expect(await result({ command: "quarantine-show", ...place })).toMatchObject({
    kept_because: null,
    status: null,
    raw: wrong.value.toString("base64"),
    neighbours: [
      { offset: place.offset - 1, sku_id: skuId, id: before.id, status: "RESERVED" },
      { offset: place.offset + 1, sku_id: skuId, id: after.id, status: "RESERVED" },
    ],
  })
  // The shopper reads REFUSED while nobody acts, and its log position after a retry.
  const reader = await postgresPool({ role: "reader", size: 1 })
  const reads = createReservationReads(reader, createConcurrencyLimit(), [sale.topics.requests])
  expect(await reads.place(place.partition, place.offset)).toMatchObject({ ...place, quarantined: true })
  const answers = await Promise.all([1, 2, 3].map(() => result({ command: "quarantine-retry", ...place })))
  const moved = answers[0]?.record.done?.moved_to
  expect(moved).toMatchObject({ partition, offset: place.offset + 2 })
  for (const each of answers)
    expect(each).toMatchObject({ kept_because: null, record: { state: "retried", done: { moved_to: moved } } })
  expect(await reads.place(place.partition, place.offset)).toMatchObject({ ...moved, quarantined: false })
  await reader.end()
  await retriesAreDecided(1)
  expect(await stateOf(wrong.id)).toBe(reserved)
  expect(await ask({ command: "quarantine-drop", ...place, reason: "too late" })).toMatchObject({
    ok: false,
    problem: { type: "/problems/quarantine-settled" },
  })
  await sale.expectInvariants()
})

test("a retried request meets the sale as it is now, and one that was sent again meanwhile counts once", async () => {
  const { skuId, skuNo } = await sale.sku({ total_stock: 5 })
  const partition = await partitionOf(skuId)
  const [again, late] = [requestRecord({ skuId, skuNo }), requestRecord({ skuId, skuNo })]
  const first = await deliver(partition, [{ ...again, key: "another" }, { ...late, key: "another" }, again])
  expect(await stateOf(again.id)).toBe(reserved)
  expect(await result({ command: "sale-close", sku_id: skuId })).toMatchObject({ status: "closed" })
  await result({ command: "quarantine-retry", ...first })
  await result({ command: "quarantine-retry", partition, offset: first.offset + 1 })
  await retriesAreDecided(2)
  expect(await stateOf(again.id)).toBe(reserved)
  expect(await stateOf(late.id)).toBe(refused)
  const { rows } = await sale.superuser.query("SELECT reserved_count, duplicates::int FROM inventory WHERE sku_no = $1", [skuNo])
  expect(rows).toEqual([{ reserved_count: 1, duplicates: 1 }])
  await sale.expectInvariants()
})

test("a retry that ends between the append and its note may be repeated: the request is decided once", async () => {
  const { skuId, skuNo } = await sale.sku({ total_stock: 5 })
  const partition = await partitionOf(skuId)
  const wrong = requestRecord({ skuId, skuNo })
  const place = await deliver(partition, [{ ...wrong, key: "another" }])
  const pool = await postgresPool({ role: "admin", size: 1 })
  const log = createRequestLog(openKafka("ops"), sale.topics.requests)
  const dies = {
    append: async (...record: Parameters<typeof log.append>) =>
      log.append(...record).then(() => Promise.reject(new Error("killed"))),
  }
  await expect(retryRecord({ pool, requestsTopic: sale.topics.requests, requests: dies }, place, "the test")).rejects.toThrow(
    "killed",
  )
  expect(await result({ command: "quarantine-show", ...place })).toMatchObject({ record: { state: "open" } })
  expect(await result({ command: "quarantine-retry", ...place })).toMatchObject({ record: { state: "retried" } })
  await retriesAreDecided(2)
  const { rows } = await sale.superuser.query("SELECT reserved_count, duplicates::int FROM inventory WHERE sku_no = $1", [skuNo])
  expect(rows).toEqual([{ reserved_count: 1, duplicates: 1 }])
  await Promise.all([log.close(), pool.end()])
  await sale.expectInvariants()
})

test("of two operators who retry a record at once, one appends it, and the other sees that", async () => {
  const { skuId, skuNo } = await sale.sku({ total_stock: 5 })
  const partition = await partitionOf(skuId)
  const wrong = requestRecord({ skuId, skuNo })
  const place = await deliver(partition, [{ ...wrong, key: "another" }])
  const pools = await Promise.all([1, 2].map(() => postgresPool({ role: "admin", size: 1 })))
  const log = createRequestLog(openKafka("ops"), sale.topics.requests)
  let appends = 0
  const requests = {
    append: async (...record: Parameters<typeof log.append>) => {
      appends += 1
      await vi.waitFor(async () => expect(appends > 1 || (await operatorsThatWait()) === 1).toBe(true), { timeout: 10_000 })
      return log.append(...record)
    },
  }
  const retries = pools.map((pool, operator) =>
    retryRecord({ pool, requestsTopic: sale.topics.requests, requests }, place, `operator ${operator}`),
  )
  expect(await Promise.all(retries)).toEqual([undefined, undefined])
  expect(appends).toBe(1)
  await retriesAreDecided(1)
  expect(await stateOf(wrong.id)).toBe(reserved)
  await Promise.all([log.close(), ...pools.map((pool) => pool.end())])
  await sale.expectInvariants()
})

/** Operators that wait for the record that another one holds. */
async function operatorsThatWait(): Promise<number> {
  const { rows } = await sale.superuser.query<{ waiting: number }>(
    `SELECT count(*)::integer AS waiting FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
      WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`,
  )
  return rows[0]?.waiting ?? 0
}

test("a poison record stays in quarantine after a retry, and is dropped once, with who and why", async () => {
  const { skuId, skuNo } = await sale.sku({ total_stock: 5 })
  const partition = await partitionOf(skuId)
  const tooMany = requestRecord({ skuId, skuNo }, { quantity: 40_000 })
  const unknownSku = requestRecord({ skuId: "nothing", skuNo: 9_999 })
  const first = await deliver(partition, [
    { key: skuId, value: Buffer.from([250, 1, 2, 3]) },
    { key: skuId, value: null },
    unknownSku,
    tooMany,
  ])
  const because = ["unknown-version", "empty", "no SKU with the number 9999", "refuses the quantity 40000"]
  for (const [index, reason] of because.entries()) {
    const place = { partition, offset: first.offset + index }
    expect(await result({ command: "quarantine-retry", ...place })).toMatchObject({
      kept_because: expect.stringContaining(reason),
      record: { ...place, state: "open", done: null },
    })
  }
  const reader = await postgresPool({ role: "reader", size: 1 })
  const openBefore = await quarantineSize(reader)
  expect(openBefore.records).toBe(4)
  const dropped = { state: "dropped", done: { by: "the test", why: "a drill", moved_to: null } }
  expect(await result({ command: "quarantine-drop", ...first, reason: "a drill" })).toMatchObject(dropped)
  expect(await result({ command: "quarantine-drop", ...first, reason: "another", operator: "another" })).toMatchObject(dropped)
  // What operators have dealt with keeps no sale from its start.
  expect((await quarantineSize(reader)).records).toBe(openBefore.records - 1)
  await reader.end()
  expect(await ask({ command: "quarantine-retry", ...first })).toMatchObject({
    ok: false,
    problem: { type: "/problems/quarantine-settled", detail: "The record was dropped by the test: a drill." },
  })
  expect(await ask({ command: "quarantine-show", partition, offset: 123_456 })).toMatchObject({
    ok: false,
    problem: { type: "/problems/quarantined-not-found" },
  })
  await sale.expectInvariants()
})

test("the CLI lists, retries everything that is open, and says what stays", async () => {
  const listed = await sale.ops("quarantine", "list")
  expect(listed).toMatchObject({ exitCode: 0, output: expect.stringContaining("unknown-version") })
  const all = await sale.ops("--json", "quarantine", "retry", "--all", "--reason", "empty")
  expect(all.exitCode, all.output).toBe(0)
  expect(JSON.parse(all.output.split("\n").find((line) => line.startsWith('{"retried"')) ?? "")).toMatchObject({
    retried: 0,
    kept: [{ record: { reason: "empty" } }],
  })
})
