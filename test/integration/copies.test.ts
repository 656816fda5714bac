import { randomUUID } from "node:crypto"
import { connect } from "node:net"
import { Kafka, logLevel } from "kafkajs"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { problemFor } from "../../core/adapters/http/error-problems.ts"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { createRequestLog, requestLogLimits } from "../../core/adapters/kafka/request-log.ts"
import { createSkuDirectory } from "../../core/adapters/postgres/sku-directory.ts"
import { createRedisAdmission } from "../../core/adapters/redis/admission.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { createRedisGuard, firstContact } from "../../core/adapters/redis/guard.ts"
import { createQueueGap } from "../../core/adapters/redis/queue-gap.ts"
import { createConcurrencyLimit } from "../../core/concurrency/concurrency-limit.ts"
import { copyLimits } from "../../core/domain/copies.ts"
import { requestsPerMinute } from "../../core/domain/token-bucket.ts"
import { createAdmitRequest } from "../../core/workflows/admission/admit-request.ts"
import { createEnqueueRequest } from "../../core/workflows/admission/enqueue-request.ts"
import type { ShopperRequest } from "../../core/workflows/admission/resolve-request.ts"
import { createSubmitRequest } from "../../core/workflows/admission/submit-request.ts"
import { clientOf } from "../sale/given-admission.ts"
import { type GivenDatabase, givenDatabase } from "../sale/given-sale.ts"
import { until } from "../sale/running-sale.ts"
import { recordsIn } from "../sale/topic-records.ts"
import { type FaultProxy, faultProxy } from "../services/fault-proxy.ts"

/** Each way to the broker; an answer takes twice as long. */
const slowMs = 500
/** Long enough for the sends to succeed on a busy machine. */
const patientMs = 20_000
const copies = 2_000

let given: GivenDatabase
let brokerLink: FaultProxy
let processes: Awaited<ReturnType<typeof reservingProcess>>[]
const topic = `requests-${randomUUID()}`
const kafka = new Kafka({
  brokers: [inject("services").kafkaBrokers],
  logLevel: logLevel.NOTHING,
  socketFactory: ({ onConnect }) => connect({ host: "127.0.0.1", port: brokerLink.port }, onConnect),
})

beforeAll(async () => {
  given = await givenDatabase()
  brokerLink = await faultProxy(Number(inject("services").kafkaBrokers.split(":")[1]))
  await withAdmin(kafka, (admin) => createTopics(admin, [{ topic, numPartitions: 10 }]))
  processes = await Promise.all([reservingProcess(), reservingProcess()])
})
afterAll(async () => {
  brokerLink.delay(0)
  await Promise.all(processes.map(({ close }) => close()))
  brokerLink.close()
  await given.close()
})

/** The parts with which a process reserves, on connections of its own. */
async function reservingProcess() {
  const redis = redisClient(given.redisUrl)
  await firstContact(redis)
  const directory = createSkuDirectory(given.reader, createConcurrencyLimit())
  const requestLog = createRequestLog(kafka, topic, { ...requestLogLimits, deadlineMs: patientMs })
  const redisParts = { guard: createRedisGuard(redis), gap: createQueueGap(redis), redisAdmission: createRedisAdmission(redis) }
  const submitRequest = createSubmitRequest({
    directory,
    admit: createAdmitRequest({ ...redisParts, directory }),
    enqueue: createEnqueueRequest({ ...redisParts, requestLog }),
    decideDirectly: () => expect.unreachable(),
  })
  return {
    /** The offset of a request, or the reason why its client retries. */
    async reserve(request: ShopperRequest): Promise<number | string> {
      try {
        const submission = await submitRequest(request)
        if (submission.kind === "refused") return submission.reason
        return submission.kind === "queued" ? (submission.position?.offset ?? "elsewhere") : submission.kind
      } catch (error) {
        return problemFor(error)?.slug ?? "failed"
      }
    },
    async close() {
      await requestLog.close()
      redis.disconnect()
    },
  }
}

test("2,000 copies of one key, over two processes and a broker that takes a second, leave a few records and keep the first position", async () => {
  const { skuId } = await given.sku({ total_stock: 10 })
  const request = (more: Partial<ShopperRequest> = {}): ShopperRequest => {
    const userId = randomUUID()
    return { id: randomUUID(), userId, skuId, quantity: 1, joinWaitlist: false, client: clientOf(4), ...more }
  }
  // The connections are open before the broker becomes slow.
  for (const { reserve } of processes) await until(async () => typeof (await reserve(request())) === "number")
  const before = await recordsIn(topic)
  brokerLink.delay(slowMs)
  const copied = request()
  const startedMs = performance.now()
  const said = await Promise.all(Array.from({ length: copies }, (_, index) => processes[index % 2]?.reserve(copied)))
  const elapsedMs = performance.now() - startedMs
  brokerLink.delay(0)

  const records = (await recordsIn(topic)) - before
  expect(records).toBeGreaterThanOrEqual(1)
  expect(records).toBeLessThanOrEqual(copyLimits.maxSendsAtOnce + Math.floor(elapsedMs / copyLimits.sendIntervalMs))
  // A request that waits for a copy elsewhere costs no record. The bucket refills while the copies arrive.
  const answered = said.filter((answer) => answer !== "rate-limited")
  expect(answered.length).toBeGreaterThanOrEqual(requestsPerMinute[4])
  expect(answered.length).toBeLessThan(2 * requestsPerMinute[4])
  const first = Math.min(...answered.filter((answer) => typeof answer === "number"))
  const { client: _, ...freeCopy } = copied
  for (const { reserve } of processes) expect(await reserve(freeCopy)).toBe(first)
  await given.expectInvariants()
})
