import { mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Pool } from "pg"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { createPostgresStore } from "../../core/adapters/analytics/postgres-store.ts"
import type { HttpHandler } from "../../core/adapters/http/handler.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createEventLog } from "../../core/adapters/kafka/event-log.ts"
import { AnalyticsReport, reportFiles } from "../../core/contracts/analytics.ts"
import { consumerGroups } from "../../core/contracts/consumer-groups.ts"
import type { MskEvent } from "../../core/contracts/msk-event.ts"
import { refusalReasons } from "../../core/domain/reservation.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { relayLedger } from "../../core/workflows/allocation/relay-ledger.ts"
import { startGeneration, totalsOf } from "../../core/workflows/streams/analytics-generations.ts"
import { report } from "../../lambdas/analytics-report/workflow.ts"
import { toMskEvent } from "../../local/event-source/msk-event.ts"
import { createEventSource } from "../../local/event-source/source.ts"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { until } from "../sale/running-sale.ts"
import { recordsIn, resetToEarliest } from "../sale/topic-records.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"
import { call } from "../unit/http/call.ts"

const group = `analytics-${process.pid}`
const brokers = inject("services").kafkaBrokers.split(",")
let given: Awaited<ReturnType<typeof givenCheckout>>
let topics: TestTopics
let relayPool: Pool
let pool: Pool
let folder: string
let count: { handler: (event: unknown) => Promise<unknown>; runtime: { close(): Promise<void> } }
let reporting: typeof import("../../lambdas/analytics-report/handler.ts")
let admin: { handler: HttpHandler; runtime: { close(): Promise<void> } }
let token: string
const store = () => createPostgresStore(pool, "analytics")

beforeAll(async () => {
  given = await givenCheckout()
  topics = await freshTopics({ databaseUrl: process.env.DATABASE_URL ?? "" })
  folder = mkdtempSync(join(inject("services").stateDir, "analytics-"))
  Object.assign(process.env, { DEAD_LETTERS_TOPIC: topics.deadLetters, ANALYTICS_FOLDER: folder })
  ;[count, reporting, admin, relayPool, pool] = await Promise.all([
    import("../../lambdas/analytics/handler.ts"),
    import("../../lambdas/analytics-report/handler.ts"),
    import("../../lambdas/admin/handler.ts"),
    postgresPool({ role: "relay", size: 1 }),
    postgresPool({ role: "analytics", size: 2 }),
  ])
  token = await given.token({ sub: "operator", scope: "sales:admin" })
})
afterAll(async () => {
  await Promise.all([count.runtime.close(), reporting.runtime.close(), relayPool.end(), pool.end()])
  await given.close()
})

/** Publishes what the ledger has, and counts everything in the topic as a member of the group. */
async function publishAndCount(): Promise<void> {
  const events = createEventLog(kafkaClient(brokers, "analytics-test"), topics.events)
  await relayLedger({ pool: relayPool, events })
  await events.close()
  const source = createEventSource({
    ...{ brokers, topic: topics.events, groupId: group },
    delivers: { ...consumerGroups.analytics.eventSource, maximumBatchingWindowSeconds: 0 },
    deliver: (topic, partition, messages) => count.handler(toMskEvent(topic, partition, messages, brokers) satisfies MskEvent),
  })
  await source.start()
  const wanted = await recordsIn(topics.events)
  const generation = await store().readGeneration()
  await until(async () => ((await totalsOf(store(), generation))?.events ?? 0) >= wanted)
  await source.stop()
}

/** Two SKUs, and everything that can become of a reservation. */
async function sell(): Promise<{ skuIds: string[] }> {
  const first = await given.sku({ total_stock: 8, waitlist_limit: 4, per_user_limit: 2, price_minor: 700 })
  const second = await given.sku({ total_stock: 3, currency: "USD", price_minor: 300 })
  const holds = await given.reserve(first, 8)
  await given.reserve(first, 6, { joinWaitlist: true })
  await given.reserve(second, 5)
  const [paid, refunded, partly, cancelled, declined] = holds as [Hold, Hold, Hold, Hold, Hold]
  const orders: string[] = []
  for (const hold of [paid, refunded, partly]) {
    const { status, body } = await given.pay(hold)
    expect(status).toBe(201)
    orders.push(body.order_id)
  }
  expect((await given.pay(declined, { method: "pm_card_chargeDeclined" })).status).toBe(402)
  await given.reconcile()
  await given.age(60)
  await given.reconcile()
  expect((await given.refund(orders[1] ?? "")).status).toBe(200)
  expect((await given.refund(orders[2] ?? "", { amount_minor: 200 })).status).toBe(200)
  expect((await given.cancel(cancelled)).status).toBe(200)
  // What waits when the sale closes lapses; holds end later.
  for (const { skuNo } of [first, second]) await given.applyCommand(skuNo, { kind: "close", skuNo })
  await given.endHolds(first.skuNo)
  await given.applyCommand(first.skuNo, { kind: "expire" })
  return { skuIds: [first.skuId, second.skuId] }
}

/** The same totals, from the tables of the sale. */
async function totalsOfPostgres(skuId?: string) {
  const { rows } = await given.superuser.query(
    `WITH sku AS (SELECT sku_no FROM inventory WHERE $1::text IS NULL OR sku_id = $1),
       kinds AS (SELECT kind, coalesce(sum(greatest(cardinality(moved), 1)), 0)::int AS times, coalesce(sum(amount), 0)::int AS amount
                   FROM ledger JOIN sku USING (sku_no) GROUP BY kind),
       orders_of AS (SELECT o.* FROM orders o JOIN sku USING (sku_no))
     SELECT (SELECT jsonb_object_agg(outcome, times) FROM (SELECT outcome, count(*)::int AS times FROM reservations
                JOIN sku USING (sku_no) GROUP BY 1) o) AS outcomes,
            (SELECT jsonb_object_agg(kind, times) FROM kinds) AS kinds,
            (SELECT coalesce(sum(quantity), 0)::int FROM orders_of) AS units_confirmed,
            (SELECT jsonb_object_agg(currency, money) FROM (SELECT currency, sum(amount_minor)::int AS money FROM orders_of
                WHERE status IN ('PAID', 'REFUNDED') GROUP BY 1) m) AS revenue,
            (SELECT jsonb_object_agg(currency, money) FROM (SELECT currency, sum(refunded_minor)::int AS money FROM orders_of
                WHERE refunded_minor > 0 GROUP BY 1) m) AS refunded`,
    [skuId ?? null],
  )
  const { outcomes, kinds, units_confirmed, revenue, refunded } = rows[0]
  const reasons = Object.fromEntries(
    refusalReasons.flatMap((reason, index) => (outcomes[11 + index] ? [[reason, outcomes[11 + index]]] : [])),
  )
  const times = (kind: string): number => kinds[kind] ?? 0
  return {
    reserved: outcomes[1] ?? 0,
    waitlisted: outcomes[2] ?? 0,
    accepted: (outcomes[1] ?? 0) + (outcomes[2] ?? 0),
    refusedByReason: reasons,
    promoted: times("promoted"),
    confirmed: times("confirmed"),
    expired: times("expired"),
    cancelled: times("cancelled"),
    lapsed: times("lapsed"),
    paid: times("paid"),
    refunded: times("refunded") + times("refunded_kept"),
    unitsConfirmed: units_confirmed,
    revenueMinor: revenue ?? {},
    refundedMinor: refunded ?? {},
  }
}

const asked = async (query = "") => {
  const { status, body } = await call(admin.handler, "GET /v1/admin/analytics", {
    query,
    headers: { authorization: `Bearer ${token}` },
  })
  return { status, body }
}

test("a sale is counted as PostgreSQL has it, a replay gives bit-identical totals, and every output shows them", async () => {
  const { skuIds } = await sell()
  await publishAndCount()
  const first = await totalsOf(store(), 1)
  expect(first).toMatchObject(await totalsOfPostgres())
  // Nothing was left out of the comparison: the sale has all of it.
  for (const name of ["promoted", "confirmed", "expired", "cancelled", "lapsed", "paid", "refunded"] as const) {
    expect(first?.[name], name).toBeGreaterThan(0)
  }
  expect(first?.refundedMinor).toEqual({ EUR: 900 })

  expect(await startGeneration(store())).toEqual({ previous: 1, current: 2 })
  await resetToEarliest(group, topics.events)
  await publishAndCount()
  expect(JSON.stringify(await totalsOf(store(), 2))).toBe(JSON.stringify(first))
  expect(JSON.stringify(await totalsOf(store(), 1))).toBe(JSON.stringify(first))

  const { status, body } = await asked()
  expect(status).toBe(200)
  const api = AnalyticsReport.parse(body)
  expect(api).toMatchObject({
    generation: 2,
    total_orders: (first?.accepted ?? 0) + (first?.refused ?? 0),
    failed_orders: first?.refused,
    reserved_orders: first?.reserved,
    orders_per_minute: first?.accepted,
    totals: { accepted: first?.accepted, expired: first?.expired, revenue_minor: first?.revenueMinor },
  })
  expect(api.skus?.map(({ sku_id }) => sku_id).sort()).toEqual([...skuIds].sort())
  for (const skuId of skuIds) {
    const one = AnalyticsReport.parse((await asked(`sku_id=${skuId}`)).body)
    const expected = await totalsOfPostgres(skuId)
    expect(one.totals).toMatchObject({ accepted: expected.accepted, expired: expected.expired, paid: expected.paid })
    expect(one.sku_id).toBe(skuId)
  }

  await report(await reporting.runtime.open())
  const file = AnalyticsReport.parse(JSON.parse(readFileSync(join(folder, reportFiles.json), "utf8")))
  expect(file).toMatchObject({ total_orders: api.total_orders, totals: api.totals, partitions: api.partitions })
  const text = readFileSync(join(folder, reportFiles.prometheus), "utf8")
  expect(text).toContain(`flash_sale_analytics_total_orders ${api.total_orders}\n`)
  expect(text).toContain(`flash_sale_analytics_orders_per_minute{sku="${skuIds[0]}"}`)
  // Only whole files are in the folder.
  expect(readdirSync(folder).sort()).toEqual(Object.values(reportFiles).sort())
  await given.expectInvariants()
  await given.expectMoneyToMatch()
})

test("a SKU without events has figures of 0, an unknown SKU has none, and shoppers may not read any", async () => {
  const quiet = await given.sku({ total_stock: 1, status: "draft" })
  const { body } = await asked(`sku_id=${quiet.skuId}`)
  expect(AnalyticsReport.parse(body)).toMatchObject({
    sku_id: quiet.skuId,
    total_orders: 0,
    success_rate_percent: 0,
    elapsed_seconds: 0,
  })
  expect(await asked("sku_id=unheard-of")).toMatchObject({ status: 404, body: { type: "/problems/sku-not-found" } })
  expect(await asked("sku_id=%20")).toMatchObject({ status: 422 })
  const shopper = await given.token({ sub: "shopper" })
  const headers = { authorization: `Bearer ${shopper}` }
  expect(await call(admin.handler, "GET /v1/admin/analytics", { headers })).toMatchObject({ status: 403 })
  await given.expectInvariants()
})
