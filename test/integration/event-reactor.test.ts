import type { Pool } from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createEventLog } from "../../core/adapters/kafka/event-log.ts"
import type { EventBatch } from "../../core/adapters/postgres/outbox.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { decodeReservationView } from "../../core/adapters/redis/reservation-codec.ts"
import { EventDelivery } from "../../core/contracts/event-delivery.ts"
import { encodeEvent } from "../../core/contracts/events.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { projectReservations } from "../../core/workflows/allocation/project-commit.ts"
import { relayLedger } from "../../core/workflows/allocation/relay-ledger.ts"
import { capturePayment } from "../../core/workflows/payments/capture-payment.ts"
import { type ReactorDeps, react } from "../../lambdas/event-reactor/workflow.ts"
import { lambdaContext } from "../../local/host/lambda-context.ts"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { readRecords } from "../sale/topic-records.ts"
import { startPart } from "../services/parts.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"

let given: Awaited<ReturnType<typeof givenCheckout>>
let relayPool: Pool
let topics: TestTopics
let handler: (event: unknown, context: ReturnType<typeof lambdaContext>) => Promise<unknown>
beforeAll(async () => {
  given = await givenCheckout()
  relayPool = await postgresPool({ role: "relay", size: 1 })
  topics = await freshTopics({ databaseUrl: process.env.DATABASE_URL ?? "" })
  process.env.DEAD_LETTERS_TOPIC = topics.deadLetters
  handler = (await import("../../lambdas/event-reactor/handler.ts")).handler
})
afterAll(async () => {
  await relayPool.end()
  await given.close()
})
afterEach(async () => {
  await given.expectInvariants()
  await given.expectMoneyToMatch()
})

const partitionName = "reservation-events-3"
const noFailures = { batchItemFailures: [] }
const hour = () => 3_600_000

/** The events of the ledger since the last call, as the values of records. */
async function newEvents(): Promise<string[]> {
  const values: string[] = []
  const publish = async ({ events }: EventBatch) => {
    values.push(...events.map(encodeEvent))
  }
  await relayLedger({ pool: relayPool, events: { publish, close: async () => {} } })
  return values
}

/** The SKU of an event's value, which is the key of its record. */
const skuOf = (value: string | null) => /"sku_id":"([^"]+)"/.exec(value ?? "")?.[1] ?? "sku"

/** A delivery of these values at offsets from 100, as the event source mapping makes it. */
const delivery = (values: readonly (string | null)[], key?: string) => ({
  eventSource: "aws:kafka",
  eventSourceArn: "arn:aws:kafka:local:000000000000:cluster/flash-sale/1",
  bootstrapServers: "127.0.0.1:9092",
  records: {
    [partitionName]: values.map((value, index) => ({
      topic: "reservation-events",
      partition: 3,
      offset: 100 + index,
      timestamp: 0,
      timestampType: "CREATE_TIME",
      key: Buffer.from(key ?? skuOf(value)).toString("base64"),
      ...(value !== null && { value: Buffer.from(value).toString("base64") }),
      headers: [{ binary: [0xff, 0xfe, 0x00] }],
    })),
  },
})

const invoke = (values: readonly (string | null)[], key?: string) =>
  handler(delivery(values, key), lambdaContext("event-reactor", hour))
const reactWith = (planted: Partial<ReactorDeps>, values: readonly string[], timeLeftMs = hour) =>
  react(
    {
      capture: (orderId) => capturePayment({ ...given.deps }, orderId),
      show: (ids) => projectReservations({ pool: given.pool, projection: given.projection }, ids),
      deadLetters: { keep: () => Promise.reject(new Error("Every record here is an event")) },
      ...planted,
    },
    EventDelivery.parse(delivery(values)),
    timeLeftMs,
  )

/** Holds of a SKU of their own, paid for; their order ids. */
async function sold(count: number, method = "pm_card_visa") {
  await newEvents()
  const sku = await given.sku({ total_stock: count })
  const holds = await given.reserve(sku, count)
  const orders = await Promise.all(holds.map(async (hold) => (await given.pay(hold, { method, key: keyOf(hold) })).body.order_id))
  return { sku, holds, orders: orders as string[] }
}
const keyOf = (hold: Hold) => `key-${hold.id}`
const statuses = async (holds: readonly Hold[]) =>
  Promise.all(holds.map(async ({ userId }) => (await given.orders(userId)).body.items[0].status))

describe("a confirmed reservation", () => {
  test("is captured, and its order is PAID", async () => {
    const { holds } = await sold(3)
    expect(await invoke(await newEvents())).toEqual(noFailures)
    expect(await statuses(holds)).toEqual(["PAID", "PAID", "PAID"])
  })

  test("is captured once when its event comes twice, twice at once, and after the order was paid", async () => {
    const { holds } = await sold(2)
    const values = await newEvents()
    await Promise.all([invoke([...values, ...values]), invoke(values), given.age(60).then(() => given.reconcile())])
    expect(await invoke(values)).toEqual(noFailures)
    expect(await statuses(holds)).toEqual(["PAID", "PAID"])
    for (const hold of holds) expect(await given.paymentOf(hold, keyOf(hold))).toEqual([["authorised", "captured"]])
    expect((await given.superuser.query("SELECT FROM ledger, unnest(moved) WHERE kind = 'paid'")).rowCount).toBe(
      (await given.superuser.query("SELECT FROM orders WHERE status = 'PAID'")).rowCount,
    )
  })

  test("with a refused capture gives its unit to the next waitlist entry, and the authorised money is released", async () => {
    await newEvents()
    const sku = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    const [hold] = await given.reserve(sku)
    const [waiter] = await given.reserve(sku, 1, { joinWaitlist: true })
    if (hold === undefined || waiter === undefined) return
    await given.pay(hold, { method: "sim_capture_fails", key: keyOf(hold) })
    const values = await newEvents()
    expect(await invoke([...values, ...values])).toEqual(noFailures)
    expect(await statuses([hold])).toEqual(["FAILED"])
    expect(await given.paymentOf(hold, keyOf(hold))).toEqual([["authorised", "capture-failed", "voided"]])
    expect((await given.status(waiter)).body).toMatchObject({ status: "RESERVED" })
    expect(await given.inventory(sku.skuNo)).toMatchObject({ reserved_count: 1, sold_count: 0 })
  })

  test("with an unanswered capture is delivered again, and the events before it are not", async () => {
    const { holds, orders } = await sold(4)
    const values = await newEvents()
    const offsetOf = (orderId: string | undefined) => 100 + values.findIndex((value) => value.includes(String(orderId)))
    const late = new Set([orders[2], orders[3]])
    const capture = (orderId: string) =>
      capturePayment({ ...given.deps, ...(late.has(orderId) && { provider: given.provider.unreachable }) }, orderId)
    const offset = Math.min(offsetOf(orders[2]), offsetOf(orders[3]))
    expect(await reactWith({ capture }, values)).toEqual({
      batchItemFailures: [{ itemIdentifier: { partition: partitionName, offset } }],
    })
    expect((await statuses(holds)).sort()).toEqual(["PAID", "PAID", "PENDING_CAPTURE", "PENDING_CAPTURE"])
    expect(await reactWith({}, values)).toEqual(noFailures)
    expect(await statuses(holds)).toEqual(["PAID", "PAID", "PAID", "PAID"])
  })

  test("is delivered again when the invocation has no time left for it", async () => {
    await sold(2)
    const values = await newEvents()
    const first = 100 + values.findIndex((value) => value.includes("reservation.confirmed"))
    expect(await reactWith({}, values, () => 0)).toEqual({
      batchItemFailures: [{ itemIdentifier: { partition: partitionName, offset: first } }],
    })
    expect(await reactWith({}, values)).toEqual(noFailures)
  })
})

describe("a shopper sees the change of their reservation, although it was not written to Redis", () => {
  const viewOf = async (hold: Hold) => {
    const text = await given.redis.get(redisKeys.reservation(hold.id))
    return text === null ? undefined : decodeReservationView(hold.id, text).status
  }

  test.each([
    ["an expired hold, and the promoted entry", "EXPIRED", (skuNo: number) => given.endHolds(skuNo)],
    [
      "cancelled, and the promoted",
      "CANCELLED",
      (skuNo: number, { id, userId }: Hold) =>
        given.parts().transact({ skuNos: [skuNo], ids: [id], holders: [], frees: { reservationId: id } }, () => ({
          command: { kind: "cancel", reservationId: id, userId },
        })),
    ],
  ])("%s", async (_, state, end) => {
    const sku = await given.sku({ total_stock: 1, waitlist_limit: 1 })
    const [hold] = await given.reserve(sku)
    const [waiter] = await given.reserve(sku, 1, { joinWaitlist: true })
    if (hold === undefined || waiter === undefined) return
    await newEvents()
    // The transaction alone: its process died before it wrote to Redis.
    await end(sku.skuNo, hold)
    await given.parts().transact({ skuNos: [sku.skuNo], ids: [], holders: [] }, () => ({ command: { kind: "expire" } }))
    expect([await viewOf(hold), await viewOf(waiter)]).toEqual(["RESERVED", "WAITLISTED"])
    expect(await invoke(await newEvents())).toEqual(noFailures)
    expect([await viewOf(hold), await viewOf(waiter)]).toEqual([state, "RESERVED"])
  })

  test("the event is delivered again while Redis does not answer", async () => {
    const sku = await given.sku({ total_stock: 1 })
    await given.reserve(sku)
    await given.endHolds(sku.skuNo)
    await given.applyCommand(sku.skuNo, { kind: "expire" })
    const values = await newEvents()
    const show = () => Promise.reject(new Error("Command timed out"))
    const offset = 100 + values.findIndex((value) => value.includes("reservation.expired"))
    expect(await reactWith({ show }, values)).toEqual({
      batchItemFailures: [{ itemIdentifier: { partition: partitionName, offset } }],
    })
  })
})

test("a record that is not an event is set aside with its offset and the reason, and delays no other record", async () => {
  const { holds } = await sold(1)
  const [created = "", ...rest] = await newEvents()
  const badValues = [
    null,
    "",
    "not json",
    "{}",
    '{"event_type":"reservation.confirmed"}',
    created.replace('"event_type":"', '"event_type":"un'),
    created.replace(/"sku_id":"[^"]+"/, '"sku_id":"another-sku"'),
  ]
  const reasons = ["empty", "empty", "not-json", "unknown-type", "invalid", "unknown-type", "other-sku"]
  const sku = skuOf(created)
  expect(await invoke([...badValues, created, ...badValues, ...rest], sku)).toEqual(noFailures)
  expect(await statuses(holds)).toEqual(["PAID"])
  const letters = await readRecords(topics.deadLetters)
  expect(letters.map(({ value }) => value)).toEqual([...badValues, ...badValues].map((value) => value ?? ""))
  expect(letters.map(({ headers }) => headers)).toEqual(
    [0, badValues.length + 1].flatMap((from) =>
      reasons.map((reason, index) => ({
        ...{ group: "event-reactor", topic: "reservation-events", partition: "3" },
        ...{ offset: String(100 + from + index), reason },
      })),
    ),
  )
})

test("from the ledger through a real topic to the process of the function: every order is PAID", async () => {
  const kafka = kafkaClient((process.env.KAFKA_BROKERS ?? "").split(","), "event-reactor-test")
  const events = createEventLog(kafka, topics.events)
  const { holds } = await sold(5)
  await relayLedger({ pool: relayPool, events })
  await events.close()
  const part = await startPart("local/event-source/main.ts", {
    ...given.variables,
    EVENT_SOURCE: "event-reactor",
    CONSUMER_GROUP: `event-reactor-${topics.events}`,
    EVENTS_TOPIC: topics.events,
  })
  await vi.waitFor(async () => expect(new Set(await statuses(holds))).toEqual(new Set(["PAID"])), {
    timeout: 30_000,
    interval: 100,
  })
  await part.stop()
  expect(await part.ended).toBe("exit 0")
})
