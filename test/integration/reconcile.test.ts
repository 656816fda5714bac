import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { abandonAttempt } from "../../core/adapters/postgres/payments.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createSaleFigures } from "../../core/adapters/redis/sale-figures.ts"
import type { Reconciliation } from "../../core/contracts/operations/reconcile.ts"
import { attemptIdOf } from "../../core/domain/ids.ts"
import { type DifferenceKind, differenceKinds } from "../../core/domain/reconcile.ts"
import { capturePayment } from "../../core/workflows/payments/capture-payment.ts"
import { mend } from "../../core/workflows/reconcile/mend.ts"
import { type ReconcileDeps, reconcile } from "../../core/workflows/reconcile/reconcile.ts"
import { answer } from "../../lambdas/ops/answer.ts"
import { createOpsRuntime } from "../../lambdas/ops/runtime.ts"
import { createProgram } from "../../ops/program.ts"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { longTimeLeftMs } from "../sale/given-sale.ts"
import { givenWarmer } from "../sale/given-warmer.ts"
import { requestRecord } from "../sale/records.ts"
import { appendRaw } from "../sale/topic-records.ts"
import { handlerEnvironment } from "../services/environment.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"

const price = 500

let given: Awaited<ReturnType<typeof givenCheckout>>
let topics: TestTopics
beforeAll(async () => {
  given = await givenCheckout()
  topics = await freshTopics({ databaseUrl: process.env.DATABASE_URL ?? "", partitions: 10 })
})
afterAll(() => given.close())

/** A sale whose requests are in Kafka, and are decided by the real writer. */
async function givenSale(stock: number) {
  const sku = await given.sku({ total_stock: stock, price_minor: price, per_user_limit: 5 })
  const { skuNo, skuId, partition } = sku
  const enqueue = async (records: readonly { key: string; value: Buffer | null }[]) => {
    await appendRaw(topics.requests, partition, records)
    return given.append(partition, records)
  }
  const decide = async (records: Awaited<ReturnType<typeof enqueue>>) =>
    expect(await given.parts().writer.write(topics.requests, partition, records, longTimeLeftMs)).toEqual({ kind: "written" })
  return {
    ...sku,
    enqueue,
    decide,
    async reserve(count: number): Promise<Hold[]> {
      const records = Array.from({ length: count }, () => requestRecord({ skuNo, skuId }))
      await decide(await enqueue(records))
      return records
    },
    warm: givenWarmer(given, given.reader),
  }
}
type Sale = Awaited<ReturnType<typeof givenSale>>

const compareDeps = (planted: Partial<ReconcileDeps> = {}): ReconcileDeps => ({
  pool: given.reader,
  kafka: kafkaClient([inject("services").kafkaBrokers], "the test"),
  requestsTopic: topics.requests,
  sales: createSaleFigures(given.redis),
  provider: given.provider.client,
  graceSeconds: 0,
  ...planted,
})

const compare = ({ skuId }: { skuId: string }, planted: Partial<ReconcileDeps> = {}) =>
  reconcile(compareDeps(planted), {
    ...{ skuIds: [skuId], limit: 20, hours: 24, progress: () => {} },
    signal: new AbortController().signal,
  })

const apply = async (sale: Sale, { differences }: Reconciliation) => {
  const deps = { ...given.deps, pool: given.transition, sales: createSaleFigures(given.redis), warm: sale.warm }
  const failed: string[] = []
  for (const { kind, ids } of differences) {
    const mended = await mend(deps, { kind, skuNo: sale.skuNo, ids })
    expect([kind, mended === undefined]).toEqual([kind, differenceKinds[kind].mend === null])
    failed.push(...(mended?.failed ?? []).map(() => kind))
  }
  return failed
}

const kindsOf = ({ differences }: Reconciliation): DifferenceKind[] => differences.map(({ kind }) => kind).sort()
const figuresOf = ({ sales }: Reconciliation, what: string) => sales[0]?.figures.find((row) => row.what === what)

/** An authorisation at the provider that the tables do not know. */
async function authorised(hold: Hold) {
  const attemptId = randomUUID()
  const asked = { attemptId, reservationId: hold.id, amountMinor: price, currency: "EUR", paymentMethod: "pm_card_visa" }
  const made = await given.provider.client.authorise(asked)
  return { attemptId, ref: made.kind === "made" ? made.payment.ref : "" }
}

/** Pays for a hold; its capture is left to the event-reactor, which does not run. */
async function paid(hold: Hold, method = "pm_card_visa") {
  const key = randomUUID()
  const { body } = await given.pay(hold, { key, method })
  const attemptId = attemptIdOf(hold.id, key)
  const [payment] = await given.provider.payments(attemptId)
  return { orderId: body.order_id as string, attemptId, ref: payment?.id ?? "" }
}

test("a sale in which nothing differs is shown side by side, with records that wait and a record in quarantine", async () => {
  const sale = await givenSale(5)
  const holds = await sale.reserve(6)
  const order = await paid(holds[0] as Hold)
  await capturePayment(given.deps, order.orderId)
  await sale.decide(await sale.enqueue([{ key: sale.skuId, value: Buffer.from("no request") }]))
  await sale.enqueue([requestRecord(sale), requestRecord(sale)])
  await sale.warm()
  const report = await compare(sale)
  expect(report).toMatchObject({ differences: [], away: [] })
  expect(figuresOf(report, "records in the queue")).toMatchObject({ kafka: 9, redis: null })
  expect(figuresOf(report, "waiting for the writer")).toMatchObject({ kafka: 2 })
  expect(figuresOf(report, "quarantined")).toMatchObject({ kafka: 1 })
  expect(figuresOf(report, "decided")).toMatchObject({ kafka: 6, inventory: 6, reservations: 6 })
  expect(figuresOf(report, "reserved units")).toMatchObject({ ledger: 4, inventory: 4, reservations: 4, redis: 4 })
  expect(figuresOf(report, "sold units")).toMatchObject({ ledger: 1, inventory: 1, reservations: 1, redis: 1, orders: 1 })
  expect(figuresOf(report, "payments captured")).toMatchObject({ orders: 1, provider: 1 })
  await given.expectInvariants()
})

test("what can be mended is listed with its ids, and is gone once it is mended; a second time changes nothing", async () => {
  const sale = await givenSale(20)
  const holds = await sale.reserve(8)
  const next = () => holds.shift() as Hold

  const captured = await paid(next())
  await given.provider.client.capture(captured)
  const uncaptured = await paid(next())
  const withoutCapture = await paid(next())
  await given.deps.markOrderPaid(sale.skuNo, withoutCapture.orderId)
  const refunded = await paid(next())
  await capturePayment(given.deps, refunded.orderId)
  await given.provider.decide(refunded.ref, "refund", { amount: String(price) })
  const unknownHold = next()
  const unknown = await authorised(unknownHold)
  const abandonedHold = next()
  const key = randomUUID()
  await given.pay(abandonedHold, { key, method: "sim_lost_reply" })
  const [abandoned] = await given.provider.payments(attemptIdOf(abandonedHold.id, key))
  await given.endHolds(sale.skuNo, 60)
  await abandonAttempt(given.pool, attemptIdOf(abandonedHold.id, key))
  await sale.warm()
  await given.redis.hset(redisKeys.sale(sale.skuNo), "reserved", 0)

  const report = await compare(sale)
  const listed = Object.fromEntries(report.differences.map(({ kind, ids }) => [kind, ids.toSorted()]))
  expect(listed).toEqual({
    "hold-overdue": [...holds, unknownHold, abandonedHold].map(({ id }) => id).sort(),
    "redis-differs": [sale.skuId],
    "captured-not-paid": [captured.orderId],
    "not-captured": [uncaptured.orderId],
    "paid-without-capture": [withoutCapture.ref],
    "authorised-without-attempt": [unknown.ref],
    "abandoned-holds-money": [abandoned?.id],
    "refund-differs": [refunded.ref],
  })

  expect(await apply(sale, report)).toEqual([])
  expect(await compare(sale)).toMatchObject({ differences: [], away: [] })
  const { seq } = await given.inventory(sale.skuNo)
  // What was listed as authorised is not by now.
  expect((await apply(sale, report)).sort()).toEqual(["authorised-without-attempt", "paid-without-capture"])
  expect((await given.inventory(sale.skuNo)).seq).toBe(seq)
  await given.reconcile()
  await given.expectMoneyToMatch()
  await given.expectInvariants()
})

describe("what no command mends is listed with the heading of the runbook", () => {
  test("a request that was lost, counters that leaked, units of users, and a ledger that is not the table's", async () => {
    const sale = await givenSale(5)
    await sale.reserve(2)
    const lost = await sale.enqueue([requestRecord(sale)])
    await sale.warm()
    const change = (sql: string, more: unknown[] = []) => given.superuser.query(sql, [sale.skuNo, ...more])
    const skip = (records: number) =>
      given.superuser.query("UPDATE partition_progress SET next_offset = next_offset + $3 WHERE topic = $1 AND partition = $2", [
        ...[topics.requests, sale.partition, records],
      ])
    await skip(1)
    await change("UPDATE inventory SET reserved_count = reserved_count + 1 WHERE sku_no = $1")
    await change("UPDATE user_holdings SET units = units + 1 WHERE sku_no = $1")
    await change("UPDATE inventory SET head_hash = '\\x00' WHERE sku_no = $1")
    const report = await compare(sale)
    expect(kindsOf(report).filter((kind) => kind !== "redis-differs")).toEqual([
      ...["counters-differ", "holdings-differ", "ledger-differs", "request-lost"],
    ])
    expect(report.differences.find(({ kind }) => kind === "request-lost")).toMatchObject({
      ids: [`${topics.requests}-${sale.partition}@${lost[0]?.offset}`],
      heading: "OffsetsDisagree",
    })
    const before = await given.inventory(sale.skuNo)
    await apply(sale, report)
    expect(await given.inventory(sale.skuNo)).toEqual(before)
    await change("UPDATE inventory SET reserved_count = reserved_count - 1 WHERE sku_no = $1")
    await change("UPDATE user_holdings SET units = units - 1 WHERE sku_no = $1")
    await change(
      "UPDATE inventory SET head_hash = (SELECT hash FROM ledger l WHERE l.sku_no = $1 ORDER BY seq DESC LIMIT 1) WHERE sku_no = $1",
    )
    await skip(-1)
    await sale.decide(lost)
    await given.expectInvariants()
  })

  test("money that was captured for no order, and an order that was paid with no money; money that went back is none", async () => {
    const sale = await givenSale(5)
    const [first, second, third] = (await sale.reserve(3)) as [Hold, Hold, Hold]
    const unordered = await authorised(first)
    await given.provider.client.capture(unordered)
    const returned = await authorised(second)
    await given.provider.client.capture(returned)
    await given.provider.client.refund(returned)
    const unpaid = await paid(third)
    await given.provider.client.void(unpaid)
    await given.deps.markOrderPaid(sale.skuNo, unpaid.orderId)
    await sale.warm()
    const report = await compare(sale)
    expect(Object.fromEntries(report.differences.map(({ kind, ids }) => [kind, ids]))).toEqual({
      "captured-without-order": [unordered.ref],
      "paid-without-money": [unpaid.orderId],
    })
    await given.expectInvariants()
  })
})

test("a source that is away is shown as away, and the others are compared", async () => {
  const sale = await givenSale(5)
  await sale.reserve(1)
  await sale.warm()
  const nowhere = redisClient("redis://127.0.0.1:9")
  const report = await compare(sale, {
    ...{ sales: createSaleFigures(nowhere), provider: given.provider.unreachable },
    kafka: kafkaClient(["127.0.0.1:9"], "the test"),
  })
  nowhere.disconnect()
  expect(report).toMatchObject({ differences: [], away: ["kafka", "redis", "provider"], payments_of_others: null })
  expect(figuresOf(report, "reserved units")).toMatchObject({ ledger: 1, inventory: 1, reservations: 1, redis: "away" })
  expect(figuresOf(report, "waiting for the writer")).toMatchObject({ kafka: "away" })
  await given.expectInvariants()
})

test("payments of another system are read page by page, are counted, and are not touched", async () => {
  const sale = await givenSale(1)
  await sale.warm()
  const { payments_of_others: before } = await compare(sale)
  const others = 101
  const made = await Promise.all(Array.from({ length: others }, () => authorised({ id: randomUUID(), userId: randomUUID() })))
  const report = await compare(sale)
  expect(report).toMatchObject({ differences: [], payments_of_others: (before ?? 0) + others })
  await given.expectInvariants()
  await Promise.all(made.map((payment) => given.provider.client.void(payment)))
})

test("the CLI prints the sources side by side, says what --apply does, and ends with 0 only if nothing differs", async () => {
  const sale = await givenSale(5)
  await sale.reserve(2)
  await given.redis.del(redisKeys.sale(sale.skuNo))
  const environment = await handlerEnvironment({
    ...{ databaseUrl: process.env.DATABASE_URL ?? "", redisUrl: given.redisUrl, topics, paymentApiUrl: given.provider.url },
  })
  const runtime = createOpsRuntime()
  const host = { requestId: "the test", signal: new AbortController().signal, progress: () => {} }
  const run = async (...args: string[]) => {
    const printed = vi.spyOn(console, "log").mockImplementation(() => {})
    const said = vi.spyOn(process.stderr, "write").mockImplementation(() => true)
    const { program } = createProgram(async () => (request) => answer(runtime, request, host))
    await program.parseAsync(["node", "ops", ...args])
    const [output, progress] = [printed, said].map((spy) => spy.mock.calls.map(([line]) => line).join("\n"))
    vi.restoreAllMocks()
    const exitCode = process.exitCode ?? 0
    process.exitCode = undefined
    return { output, progress, exitCode }
  }
  const differs = await run("reconcile", sale.skuId)
  expect(differs).toMatchObject({ exitCode: 1, output: expect.stringMatching(/reserved units +- +2 +2 +2 +- +- +-/) })
  expect(differs.output).toContain(`${sale.skuId}: redis-differs (1): Redis does not know the sale`)
  const mended = await run("reconcile", sale.skuId, "--apply")
  expect(mended).toMatchObject({ exitCode: 0, output: expect.stringContaining("nothing differs") })
  expect(mended.progress).toContain("removes the sale from Redis and writes it again from PostgreSQL")
  expect(JSON.parse((await run("--json", "reconcile", sale.skuId)).output ?? "")).toMatchObject({ differences: [], away: [] })
  await runtime.close()
  await environment.close()
  await given.expectInvariants()
})
