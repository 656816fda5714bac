import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { createEventLog, type EventLog } from "../../core/adapters/kafka/event-log.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { createRedisGuard, firstContact } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createTraceNotes, type TraceNotes, traceNoteTtlSeconds } from "../../core/adapters/redis/trace-notes.ts"
import { recordSpansIn, type SpanSink } from "../../core/adapters/tracing/spans.ts"
import type { AnySaleEvent } from "../../core/contracts/events.ts"
import { createTracedEventLog } from "../../core/workflows/allocation/traced-events.ts"
import { readRecords } from "../sale/topic-records.ts"
import { type PrivateRedis, privateRedis } from "../services/private.ts"

const kafka = kafkaClient(inject("services").kafkaBrokers.split(","), "traced-events-test")
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
const write = vi.fn<SpanSink["write"]>()

let server: PrivateRedis
let redis: Redis
let notes: TraceNotes
let topic: string
let log: EventLog

beforeAll(async () => {
  server = await privateRedis()
  redis = redisClient(server.url)
  await firstContact(redis)
  notes = createTraceNotes(redis, createRedisGuard(redis))
})
beforeEach(async () => {
  recordSpansIn({ write: write.mockClear() })
  topic = `events-${randomUUID()}`
  await withAdmin(kafka, (admin) => createTopics(admin, [{ topic }]))
  log = createTracedEventLog(createEventLog(kafka, topic), notes)
})
afterEach(async () => {
  recordSpansIn(undefined)
  await log.close()
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

const cancelled = (id: string, seq: number): AnySaleEvent => ({
  ...{ event_id: `1-${seq}-0`, event_type: "reservation.cancelled", reservation_id: id, sku_id: "sku-1", seq },
  ...{ occurred_at: new Date().toISOString(), payload: { user_id: randomUUID(), quantity: 1 } },
})
const publish = (ids: readonly string[]) =>
  log.publish({ skuId: "sku-1", partition: 0, events: ids.map((id, index) => cancelled(id, index + 1)) }, 5_000)
const headersOf = async () => (await readRecords(topic)).map(({ headers }) => headers)

test("the events of a traced reservation name the span of their publication, and the others name none", async () => {
  const [traced, other] = [randomUUID(), randomUUID()]
  notes.note(traced, traceparent)
  await vi.waitFor(async () => expect((await notes.find([traced])).size).toBe(1))
  expect(await redis.ttl(redisKeys.trace(traced))).toBeGreaterThan(traceNoteTtlSeconds - 60)
  await publish([other, traced])
  const [[span] = []] = write.mock.calls
  expect(span).toMatchObject({
    name: "publish reservation.cancelled",
    parent_id: "00f067aa0ba902b7",
    attributes: { event_id: "1-2-0" },
  })
  expect(await headersOf()).toEqual([{}, { traceparent: `00-${span?.trace_id}-${span?.span_id}-01` }])
})

test("where no spans are recorded, the relay asks for no trace", async () => {
  recordSpansIn(undefined)
  const find = vi.spyOn(notes, "find")
  await publish([randomUUID()])
  expect(find).not.toHaveBeenCalled()
  expect(await headersOf()).toEqual([{}])
  find.mockRestore()
})

test("without Redis the events are published all the same, and belong to no trace", async () => {
  const traced = randomUUID()
  notes.note(traced, traceparent)
  await vi.waitFor(async () => expect((await notes.find([traced])).size).toBe(1))
  await server.kill()
  await publish([traced])
  expect(await headersOf()).toEqual([{}])
  expect(write).not.toHaveBeenCalled()
})
