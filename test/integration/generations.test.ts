import type { Context } from "aws-lambda"
import { afterAll, beforeAll, expect, test } from "vitest"
import { writeFirstWatermarks } from "../../core/adapters/postgres/first-watermarks.ts"
import { readGenerations, requireGeneration } from "../../core/adapters/postgres/generations.ts"
import { createReservationReads } from "../../core/adapters/postgres/reservation-reads.ts"
import { createSkuDirectory } from "../../core/adapters/postgres/sku-directory.ts"
import { createWaitlistReads } from "../../core/adapters/postgres/waitlist-reads.ts"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import { createRedisGuard } from "../../core/adapters/redis/guard.ts"
import { redisKeys } from "../../core/adapters/redis/keys.ts"
import { createQueueGap } from "../../core/adapters/redis/queue-gap.ts"
import { createRedisReads } from "../../core/adapters/redis/reads.ts"
import { createConcurrencyLimit } from "../../core/concurrency/concurrency-limit.ts"
import type { MskEvent, MskResponse } from "../../core/contracts/msk-event.ts"
import { requestsTopicOf } from "../../core/contracts/topics.ts"
import { firstOffsetOfGeneration } from "../../core/domain/log-generations.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { receipts } from "../../core/runtime/receipts.ts"
import { endInForce } from "../../core/workflows/generations/end-generation.ts"
import { createFind, type Question } from "../../core/workflows/reservations/find-reservation.ts"
import { reservationDocument } from "../../core/workflows/reservations/reservation-document.ts"
import { admissionOf, givenReader, question } from "../sale/given-reader.ts"
import { requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

type Given = Awaited<ReturnType<typeof givenReader>>
type Sku = Awaited<ReturnType<Given["sku"]>>
type Asked = ReturnType<typeof requestRecord>

let given: Given
let admin: Awaited<ReturnType<typeof postgresPool>>
let provisioner: Awaited<ReturnType<typeof postgresPool>>
let writer: typeof import("../../lambdas/batch-writer/handler.ts")

const topicsUntil = (generation: number) => Array.from({ length: generation }, (_, index) => requestsTopicOf(index + 1))
const limits = { quietMs: 100, drainWaitMs: 300 }
const partitions = Array.from({ length: 10 }, (_, partition) => partition)

beforeAll(async () => {
  given = await givenReader()
  admin = await postgresPool({ role: "admin", size: 1 })
  provisioner = await postgresPool({ role: "provisioner", size: 1 })
  // The writer of the last generation of this test: it knows those before, whose mappings may still deliver.
  Object.assign(process.env, { REDIS_URL: given.redisUrl, REQUESTS_TOPIC: requestsTopicOf(3), REQUESTS_GENERATION: "3" })
  writer = await import("../../lambdas/batch-writer/handler.ts")
})
afterAll(async () => {
  await writer.runtime.close()
  await Promise.all([admin.end(), provisioner.end()])
  await given.close()
})

/** A log with generations: what was appended to each topic, whether or not it was delivered. */
function givenLog(sku: Sku) {
  const ends = new Map<string, number>()
  const key = (generation: number) => requestsTopicOf(generation)
  return {
    append(generation: number, { key: skuKey, value }: Asked) {
      const offset = ends.get(key(generation)) ?? 0
      ends.set(key(generation), offset + 1)
      return { topic: key(generation), partition: sku.partition, offset, skuKey, value }
    },
    /** As the runtime reads them: over all generations. */
    endOffsets: async (topic: string) => {
      const generation = topicsUntil(3).indexOf(topic) + 1
      return new Map([[sku.partition, firstOffsetOfGeneration(generation) + (ends.get(topic) ?? 0)]])
    },
    /** Delivers a record as the mapping of its topic does. */
    async deliver({ topic, partition, offset, skuKey, value }: ReturnType<typeof this.append>): Promise<MskResponse> {
      const record = { topic, partition, offset, timestamp: 0, timestampType: "CREATE_TIME" as const, headers: [] }
      const bytes = { key: Buffer.from(skuKey).toString("base64"), value: value.toString("base64") }
      const records = { [`${topic}-${partition}`]: [{ ...record, ...bytes }] }
      const context = { getRemainingTimeInMillis: () => 60_000 } as unknown as Context
      return writer.handler({ records } as unknown as MskEvent, context)
    },
  }
}

/** What a shopper reads with their receipt, from a system that is at a generation. */
async function read(generation: number, of: Question, sku: Sku, place?: { generation: number; offset: number }) {
  const limit = createConcurrencyLimit()
  const directory = createSkuDirectory(given.pool, limit)
  const find = createFind({
    ...{ guard: createRedisGuard(given.redis), gap: createQueueGap(given.redis), redisReads: createRedisReads(given.redis) },
    ...{ directory, reservations: createReservationReads(given.pool, limit, topicsUntil(generation)) },
  })
  const offset = place && firstOffsetOfGeneration(place.generation) + place.offset
  const facts = { reservationId: of.id, owner: of.owner, partition: sku.partition, skuId: sku.skuId, quantity: 1 }
  // Through the receipt itself: what it states is all that the shopper brings.
  const receipt = offset === undefined ? undefined : await receipts.verify(await receipts.sign({ ...facts, offset }))
  const found = await find({ ...of, ...(receipt && { receipt }) })
  return found && reservationDocument(found, { directory, receipts, waitlist: createWaitlistReads(given.pool) })
}

test("a log moves to its second and its third generation: every receipt reads the truth, and nothing is decided twice", async () => {
  const sku = await given.sku({ total_stock: 10, per_user_limit: 1 })
  const log = givenLog(sku)
  const endOf = (generation: number, lost = false) =>
    endInForce(
      {
        pool: admin,
        endOffsets: log.endOffsets,
        log: { generation, topic: requestsTopicOf(generation), topics: topicsUntil(generation) },
        limits,
      },
      { lost, operator: "alice" },
    )
  const steer = (kind: "halt" | "resume") => given.parts().applyCommand(sku.skuNo, { kind, skuNo: sku.skuNo })
  const begin = async (generation: number) => {
    await requireGeneration(provisioner, generation)
    const name = requestsTopicOf(generation)
    await writeFirstWatermarks(provisioner, { name, firstOffset: firstOffsetOfGeneration(generation) }, partitions)
  }
  const [decided, slow, lost, next, last] = Array.from({ length: 5 }, () => requestRecord(sku)) as [
    Asked,
    Asked,
    Asked,
    Asked,
    Asked,
  ]

  expect(await log.deliver(log.append(1, decided))).toEqual({ batchItemFailures: [] })
  const waiting = log.append(1, slow)
  await expect(endOf(1)).rejects.toMatchObject({ reason: "generation-not-ended", detail: expect.stringContaining(sku.skuId) })
  await steer("halt")
  await expect(endOf(1)).rejects.toMatchObject({ detail: expect.stringMatching(/^1 requests still wait for the writer/) })
  await expect(begin(2)).rejects.toThrow(/Generation 1 .* has not ended/)
  expect(await log.deliver(waiting)).toEqual({ batchItemFailures: [] })

  // The topic is lost before the writer has read its last record.
  const neverRead = log.append(1, lost)
  const lostQuestion = question(lost)
  await createRedisAdmission(given.redis).markQueued(admissionOf(lostQuestion, sku), { partition: sku.partition, offset: 2 })
  expect(await read(1, lostQuestion, sku, { generation: 1, offset: 2 })).toMatchObject({ status: "QUEUED", decided: false })
  await endOf(1, true)
  await endOf(1, true)
  expect(await readGenerations(given.pool, topicsUntil(1))).toMatchObject([{ generation: 1, ended: { lost: true, by: "alice" } }])
  await begin(2)
  await expect(requireGeneration(provisioner, 1)).rejects.toThrow(/never goes back/)

  await given.redis.flushdb()
  for (const [offset, one] of [decided, slow].entries()) {
    expect(await read(2, question(one), sku, { generation: 1, offset })).toMatchObject({ status: "RESERVED", decided: true })
  }
  expect(await read(2, lostQuestion, sku, { generation: 1, offset: 2 })).toMatchObject({
    ...{ status: "REFUSED", reason: "request-lost", decided: false },
  })
  // The topic comes back after all: what the shopper has read stays true.
  const failure = { itemIdentifier: { partition: `${requestsTopic}-${sku.partition}`, offset: 2 } }
  expect(await log.deliver(neverRead)).toEqual({ batchItemFailures: [failure] })
  expect(await given.rows([lost.id])).toEqual(new Map())

  // The same key again: Redis still shows the request as queued in the first generation.
  await steer("resume")
  const admission = createRedisAdmission(given.redis, { firstOffset: firstOffsetOfGeneration(2) })
  await admission.markQueued(admissionOf(lostQuestion, sku), { partition: sku.partition, offset: 2 })
  expect(await admission.admit(admissionOf(lostQuestion, sku))).toMatchObject({ kind: "admitted", isCopy: true })
  const again = { partition: sku.partition, offset: firstOffsetOfGeneration(2) }
  expect(await admission.markQueued(admissionOf(lostQuestion, sku), again)).toEqual(again)
  // The watermark that Redis shows is that of the first generation: the backlog is one record, not 2^40.
  await given.redis.hset(redisKeys.partition(sku.partition), "next", "2")
  expect(await admission.admit(admissionOf(question(next), sku))).toMatchObject({ kind: "admitted" })
  expect(await log.deliver(log.append(2, lost))).toEqual({ batchItemFailures: [] })
  expect(await read(2, lostQuestion, sku, { generation: 1, offset: 2 })).toMatchObject({ status: "RESERVED", decided: true })

  const queued = log.append(2, next)
  await given.redis.flushdb()
  expect(await read(2, question(next), sku, { generation: 2, offset: 1 })).toMatchObject({ status: "QUEUED", position: 0 })
  expect(await log.deliver(queued)).toEqual({ batchItemFailures: [] })
  await steer("halt")
  await endOf(2)
  await begin(3)
  await steer("resume")
  expect(await log.deliver(log.append(3, last))).toEqual({ batchItemFailures: [] })
  await given.redis.flushdb()
  const places = [
    [decided, 1, 0],
    [slow, 1, 1],
    [lost, 2, 0],
    [next, 2, 1],
    [last, 3, 0],
  ] as const
  for (const [one, generation, offset] of places) {
    const document = await read(3, question(one), sku, { generation, offset })
    expect(document).toMatchObject({ status: "RESERVED", decided: true })
    // The receipt that the answer carries is the same again.
    expect(await receipts.verify(document?.receipt ?? "")).toMatchObject({ offset: firstOffsetOfGeneration(generation) + offset })
  }
  expect(await given.inventory(sku.skuNo)).toMatchObject({ reserved_count: 5, sold_count: 0 })
  await given.expectInvariants()
})
