import { afterEach, beforeEach, expect, test } from "vitest"
import { endOutage, failingCheck, startOutage } from "../sale/outages.ts"
import { requestRecord } from "../sale/records.ts"
import { type RunningSale, runningSale, until } from "../sale/running-sale.ts"
import { appendRaw, resetToEarliest } from "../sale/topic-records.ts"

let sale: RunningSale
beforeEach(async () => {
  sale = await runningSale()
})
afterEach(() => sale.close())

const requests = (sku: { skuNo: number; skuId: string }, count: number) => Array.from({ length: count }, () => requestRecord(sku))

test.each(["loaded", "before-commit", "committed"])("a writer killed when %s leaves each request one decision", async (point) => {
  const sku = await sale.sku({ total_stock: 200 })
  await appendRaw(sale.topics.requests, 0, requests(sku, 300))
  const failpoint = sale.failpoint(`writer:${point}`)
  const writer = await sale.writer(failpoint.variables)
  await failpoint.reached()
  writer.signal("SIGKILL")
  await writer.ended
  const killedAtMs = performance.now()
  failpoint.release()
  await sale.writer()
  await sale.queueIsDecided(300)
  expect(await sale.outcomes()).toEqual({ 1: 200, 11: 100 })
  console.log(`recovered ${Math.round(performance.now() - killedAtMs)} ms after the kill (${point})`)
  await sale.expectInvariants()
})

test("another writer replaces a frozen one, and the frozen one changes nothing when it continues", async () => {
  const sku = await sale.sku({ total_stock: 50 })
  await appendRaw(sale.topics.requests, 0, requests(sku, 80))
  const failpoint = sale.failpoint("writer:before-commit")
  const frozen = await sale.writer(failpoint.variables)
  await failpoint.reached()
  frozen.signal("SIGSTOP")
  await sale.writer()
  await sale.queueIsDecided(80)
  const before = await sale.superuser.query("SELECT seq, head_hash FROM inventory")
  failpoint.release()
  frozen.signal("SIGCONT")
  await until(() => /delivered again|a new one replaces it|connection|cannot write/i.test(frozen.printed()))
  expect((await sale.superuser.query("SELECT seq, head_hash FROM inventory")).rows).toEqual(before.rows)
  expect(await sale.outcomes()).toEqual({ 1: 50, 11: 30 })
  await sale.expectInvariants()
})

test("offsets reset to the earliest give the same decisions again", async () => {
  const sku = await sale.sku({ total_stock: 30 })
  await appendRaw(sale.topics.requests, 0, requests(sku, 60))
  const writer = await sale.writer()
  await sale.queueIsDecided(60)
  await writer.stop()
  const before = await sale.superuser.query("SELECT * FROM reservations ORDER BY id")
  await resetToEarliest(sale.group, sale.topics.requests)
  await sale.writer()
  await appendRaw(sale.topics.requests, 0, requests(sku, 1))
  await sale.queueIsDecided(61)
  const after = await sale.superuser.query("SELECT * FROM reservations WHERE id = ANY($1::uuid[]) ORDER BY id", [
    before.rows.map(({ id }) => id),
  ])
  expect(after.rows).toEqual(before.rows)
  await sale.expectInvariants()
})

test("bad records of a real topic go to quarantine, and their neighbours are decided", async () => {
  const sku = await sale.sku({ total_stock: 50 })
  const good = requests(sku, 20)
  const poison = [
    { key: sku.skuId, value: null },
    { key: sku.skuId, value: Buffer.from("{}") },
    { key: "another", value: requestRecord(sku).value },
    { key: null, value: requestRecord(sku).value },
    { key: sku.skuId, value: requestRecord(sku, { quantity: 40_000 }).value },
  ]
  await appendRaw(sale.topics.requests, 0, [...good.slice(0, 10), ...poison, ...good.slice(10)])
  await sale.writer()
  await sale.queueIsDecided(25)
  const { rows } = await sale.superuser.query<{ reason: string }>('SELECT reason FROM quarantine ORDER BY "offset"')
  expect(rows.map(({ reason }) => reason)).toEqual([
    "empty",
    "unknown-version",
    "key-mismatch",
    "key-mismatch",
    "refused-by-database-22003",
  ])
  expect(await sale.outcomes()).toEqual({ 1: 20 })
  await sale.expectInvariants()
})

test("300 requests that wait for a failing constraint are all decided once it is dropped, and none is in quarantine", async () => {
  const sku = await sale.sku({ total_stock: 200 })
  await appendRaw(sale.topics.requests, 0, requests(sku, 300))
  await startOutage(sale.superuser, failingCheck)
  const writer = await sale.writer()
  await until(() => writer.printed().includes("The writer cannot write"))
  expect(await sale.outcomes()).toEqual({})
  await endOutage(sale.superuser, failingCheck)
  await sale.queueIsDecided(300)
  expect(await sale.outcomes()).toEqual({ 1: 200, 11: 100 })
  expect((await sale.superuser.query("SELECT FROM quarantine")).rowCount).toBe(0)
  await sale.expectInvariants()
})
