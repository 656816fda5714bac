import { decodeJwt } from "jose"
import { afterAll, beforeAll, expect, test } from "vitest"
import { assumedDecisionsPerSecond, leastWaitMs } from "../../core/domain/queue-estimate.ts"
import { requestRecord } from "../sale/records.ts"
import { type RunningSale, runningSale } from "../sale/running-sale.ts"
import { appendRaw, recordsIn } from "../sale/topic-records.ts"

/** Records that fit into one batch of a producer. */
const rushRecords = 10_000
/** A request with fewer records before it counts as first. */
const fewRecords = 100

let sale: RunningSale
beforeAll(async () => {
  sale = await runningSale()
  await Promise.all([sale.api(), sale.writer()])
})
afterAll(() => sale.close())

type Sku = Awaited<ReturnType<RunningSale["sku"]>>

/** The estimate that a shopper reads when their request enters the queue, and its moment. */
interface Estimated {
  readonly id: string
  readonly position: number
  readonly estimatedMs: number
  readonly atMs: number
}

/** Queues a request without waiting for its decision. Empty while the watermark is not known. */
async function estimated(skuId: string, subject: string): Promise<Estimated[]> {
  const { body } = await sale.reserve(skuId, subject, { prefer: "respond-async" })
  const { reservation_id: id, position, estimated_wait_ms: estimatedMs } = body
  return position === undefined || estimatedMs === undefined ? [] : [{ id, position, estimatedMs, atMs: Date.now() }]
}

/** Estimated less real wait of each request, from its estimate to the moment of its decision in the ledger. */
async function errorsOf(all: readonly Estimated[]): Promise<number[]> {
  const { rows } = await sale.superuser.query<{ id: string; at_ms: number }>(
    `SELECT r.id, extract(epoch FROM l.at)::float8 * 1000 AS at_ms FROM reservations r JOIN ledger l USING (sku_no, seq)
      WHERE r.id = ANY($1::uuid[])`,
    [all.map(({ id }) => id)],
  )
  const decidedAtMs = new Map(rows.map(({ id, at_ms }) => [id, at_ms]))
  return all.map(({ id, estimatedMs, atMs }) => estimatedMs - Math.max(0, (decidedAtMs.get(id) ?? Number.NaN) - atMs))
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN

function report(what: string, all: readonly Estimated[], errors: readonly number[]) {
  const sizes = errors.map(Math.abs)
  const [median, p95] = [quantile(sizes, 0.5), quantile(sizes, 0.95)]
  const farthest = Math.max(...all.map(({ position }) => position))
  console.log(
    `${what}: ${all.length} shoppers, up to ${farthest} ahead; |estimated - real wait| median ${Math.round(median)} ms, p95 ${Math.round(p95)} ms; ` +
      `${Math.round((100 * errors.filter((error) => error >= 0).length) / errors.length)} % did not wait longer than their estimate`,
  )
  return { median, p95 }
}

/** Sends shoppers while a rush of earlier records is decided. @returns those behind the rush */
async function comeBehindRush({ skuId, skuNo }: Sku, partition: number, group: string): Promise<Estimated[]> {
  const before = await recordsIn(sale.topics.requests)
  const rush = Array.from({ length: rushRecords }, () => requestRecord({ skuNo, skuId }))
  let isDecided = false
  const decided = appendRaw(sale.topics.requests, partition, rush)
    .then(() => sale.decidedUpTo(before + rushRecords))
    .finally(() => {
      isDecided = true
    })
  const came: Estimated[] = []
  for (let round = 0; !isDecided; round += 1) {
    const shoppers = Array.from({ length: 4 }, (_, shopper) => estimated(skuId, `${group}-${round}-${shopper}`))
    came.push(...(await Promise.all(shoppers)).flat())
  }
  await decided
  await sale.queueIsDecided(await recordsIn(sale.topics.requests))
  return came.filter(({ position }) => position >= fewRecords)
}

test("estimated waits are compared with real waits: in a quiet queue, and behind rushes", async () => {
  const sku = await sale.sku({ total_stock: 100 })
  const { skuId } = sku
  const { partition } = decodeJwt<{ partition: number }>((await sale.reserve(skuId, "first")).body.receipt ?? "")

  const quiet: Estimated[] = []
  for (let shopper = 0; shopper < 50; shopper += 1) quiet.push(...(await estimated(skuId, `quiet-${shopper}`)))
  await sale.queueIsDecided(await recordsIn(sale.topics.requests))
  const inQuiet = report("quiet queue", quiet, await errorsOf(quiet))

  const inFirst = await comeBehindRush(sku, partition, "first-rush")
  expect(inFirst.length).toBeGreaterThan(0)
  const first = report("behind the first rush", inFirst, await errorsOf(inFirst))
  const inSecond = await comeBehindRush(sku, partition, "second-rush")
  expect(inSecond.length).toBeGreaterThan(0)
  const second = report("behind the second, with the first one's rate", inSecond, await errorsOf(inSecond))

  // The estimate assumes the slowest writer until the writer has been busy once. Then its rate is known, and estimates improve.
  const slowestMs = leastWaitMs + (1_000 * rushRecords) / assumedDecisionsPerSecond
  expect(inQuiet.p95).toBeLessThan(1_000)
  expect(first.p95).toBeLessThan(slowestMs)
  expect(second.p95).toBeLessThan(slowestMs / 2)
  await sale.expectInvariants()
})
