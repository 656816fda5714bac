import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest"
import * as z from "zod"
import type { AnySaleEvent } from "../../core/contracts/events.ts"
import { OrderRecord, ordersConfirmedSchema, ordersConfirmedSchemaPath } from "../../core/contracts/orders-confirmed.ts"
import { topics as topicTable } from "../../core/contracts/topics.ts"
import { forwardOrders } from "../../lambdas/fulfilment/workflow.ts"
import { lambdaContext } from "../../local/host/lambda-context.ts"
import { nodeArguments } from "../../local/services/node-part.ts"
import { deliveryOf, eventOf, newUser, noFailures, paid } from "../sale/given-notices.ts"
import { readRecords } from "../sale/topic-records.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

let database: TestDatabase
let environment: HandlerEnvironment
let topics: TestTopics
let fulfilment: typeof import("../../lambdas/fulfilment/handler.ts")
const warehouses: ReturnType<typeof spawn>[] = []

beforeAll(async () => {
  database = await freshDatabase()
  topics = await freshTopics({ databaseUrl: database.superuserUrl })
  environment = await handlerEnvironment({ databaseUrl: database.url, redisUrl: await freshRedis(), topics })
  fulfilment = await import("../../lambdas/fulfilment/handler.ts")
})
afterEach(() => {
  for (const warehouse of warehouses.splice(0)) warehouse.kill("SIGKILL")
})
afterAll(async () => {
  await fulfilment.runtime.close()
  await environment.close()
  await database.drop()
})

const deliver = (...events: (AnySaleEvent | string)[]) =>
  fulfilment.handler(
    deliveryOf(events),
    lambdaContext("fulfilment", () => 60_000),
  )

const refunded = (event: AnySaleEvent): AnySaleEvent => {
  if (event.event_type !== "order.paid") throw new Error("Only a paid order is refunded")
  return {
    ...eventOf("order.refunded", { ...event.payload, version: 1, refunded_minor: 4_900, units_returned: true }),
    reservation_id: event.reservation_id ?? "",
  }
}

/** The records of these orders, in the order of their partition. */
const recordsOf = async (...events: AnySaleEvent[]) => {
  const ids = events.flatMap(({ payload }) => ("order_id" in payload ? [payload.order_id] : []))
  return (await readRecords(topics.orders)).filter(({ key }) => ids.includes(key))
}

describe("the contract for a warehouse", () => {
  test("has a record for each paid order and each refunded one, by order and in order, with a stable id", async () => {
    const orders = Array.from({ length: 20 }, () => paid())
    const [first, second] = orders as [AnySaleEvent, AnySaleEvent]
    const back = refunded(first)
    expect(await deliver(...orders, back)).toEqual(noFailures)
    const records = await recordsOf(...orders)
    expect(records).toHaveLength(21)
    expect(new Set(records.map(({ partition }) => partition)).size).toBeGreaterThan(3)
    const ofFirst = records.filter(({ value }) => value.includes(String(first.reservation_id)))
    expect(ofFirst.map(({ value }) => JSON.parse(value))).toMatchObject([
      { event_type: "order.confirmed", event_id: first.event_id },
      { event_type: "order.refunded", event_id: back.event_id, refunded_minor: 4_900, units_returned: true },
    ])
    // Delivered again after a crash, at new offsets: the same ids, and the same bytes.
    const [before] = await recordsOf(second)
    expect(await deliver(second)).toEqual(noFailures)
    expect((await recordsOf(second)).map(({ value, key, partition }) => ({ value, key, partition }))).toEqual(
      Array(2).fill({ value: before?.value, key: before?.key, partition: before?.partition }),
    )
  })

  test("has no record for an order that is not paid, and for a part of the money", async () => {
    const user_id = newUser()
    const order = { user_id, order_id: randomUUID(), quantity: 1, amount_minor: 4_900, currency: "EUR" }
    const events = [
      eventOf("reservation.confirmed", order),
      eventOf("order.payment_failed", order),
      eventOf("order.partly_refunded", { ...order, version: 1, refunded_minor: 100 }),
      eventOf("order.refund_failed", { ...order, version: 1, refunded_minor: 100 }),
    ]
    expect(await deliver(...events, "{")).toEqual(noFailures)
    expect(await recordsOf(...events)).toEqual([])
  })

  test("is not committed before Kafka has acknowledged it", async () => {
    const append = () => Promise.reject(new Error("no broker answered"))
    const events = [eventOf("sale.opened", {}), paid(), paid()].map((event, index) => ({ offset: 40 + index, event }))
    const partition = { topic: "reservation-events", partition: 3, firstOffset: 40, nextOffset: 43, events }
    expect(await forwardOrders({ append }, partition, () => 1_000)).toBe(41)
  })

  test("keeps its records for 30 days", () => {
    expect(topicTable.ordersConfirmed.retentionMs).toBe(30 * 24 * 3_600_000)
  })
})

describe("the schema", () => {
  const file = JSON.parse(readFileSync(join(root, "docs", ordersConfirmedSchemaPath), "utf8"))

  test("that is published is the one that the records are made from", async () => {
    expect(file).toEqual(ordersConfirmedSchema())
    const { handler } = await import("../../lambdas/documents/handler.ts")
    const { call } = await import("../unit/http/call.ts")
    const { status, body } = await call(handler, `GET ${ordersConfirmedSchemaPath}`)
    expect(status).toBe(200)
    expect(body).toEqual(file)
  })

  test("accepts every record, and refuses one that breaks the contract", async () => {
    const fromFile = z.fromJSONSchema(file)
    const order = paid()
    await deliver(order, refunded(order))
    const values = (await recordsOf(order)).map(({ value }) => JSON.parse(value) as Record<string, unknown>)
    expect(values).toHaveLength(2)
    for (const value of values) {
      expect(OrderRecord.parse(value)).toEqual(value)
      expect(fromFile.safeParse(value).success).toBe(true)
      const { order_id: _, ...incomplete } = value
      for (const broken of [incomplete, { ...value, version: 2 }, { ...value, event_type: "order.lost" }]) {
        expect(fromFile.safeParse(broken).success).toBe(false)
      }
      // A member that is added later breaks no consumer.
      expect(fromFile.safeParse({ ...value, carrier: "later" }).success).toBe(true)
    }
  })
})

test("the example of a warehouse acts once on each record, also after it was killed", async () => {
  const journal = join(mkdtempSync(join(tmpdir(), "warehouse-")), "shipments.jsonl")
  const group = `warehouse-${randomUUID()}`
  const open = () => {
    const env = { PATH: process.env.PATH, KAFKA_BROKERS: inject("services").kafkaBrokers, ORDERS_TOPIC: topics.orders }
    const warehouse = spawn(process.execPath, nodeArguments("examples/warehouse.ts"), {
      env: { ...env, WAREHOUSE_GROUP: group, WAREHOUSE_JOURNAL: journal },
      stdio: "ignore",
    })
    warehouses.push(warehouse)
    return warehouse
  }
  const acts = () => {
    try {
      return readFileSync(journal, "utf8").trim().split("\n")
    } catch {
      return []
    }
  }
  const actsOn = (event: AnySaleEvent) => acts().filter((line) => line.includes(event.event_id))
  const first = paid()
  await deliver(first)
  const killed = open()
  await vi.waitFor(() => expect(actsOn(first)).toHaveLength(1), { timeout: 15_000, interval: 20 })
  killed.kill("SIGKILL")
  const second = paid()
  const back = refunded(second)
  await deliver(first, second, back, first, second)
  open()
  await vi.waitFor(() => expect(actsOn(back)).toHaveLength(1), { timeout: 20_000, interval: 20 })
  const third = paid()
  await deliver(third)
  await vi.waitFor(() => expect(actsOn(third)).toHaveLength(1), { timeout: 5_000, interval: 20 })
  for (const event of [first, second, back]) expect(actsOn(event)).toHaveLength(1)
  expect(actsOn(first)[0]).toContain('"act":"ship"')
  expect(actsOn(back)[0]).toContain('"act":"stop"')
}, 60_000)

test("the example is short, and needs a client of Kafka and nothing else", () => {
  const source = readFileSync(join(root, "examples/warehouse.ts"), "utf8")
  expect(source.split("\n").length).toBeLessThan(60)
  const imports = [...source.matchAll(/from "([^"]+)"/g)].map(([, from]) => from)
  expect(imports.filter((from) => !from?.startsWith("node:"))).toEqual(["kafkajs"])
})
