import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import type { Kafka } from "kafkajs"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createRequestLog, type RequestLog } from "../../core/adapters/kafka/request-log.ts"
import { ProblemError } from "../../core/contracts/problems.ts"
import type { ReservationRecord } from "../../core/contracts/reservation-record.ts"
import { until } from "../sale/running-sale.ts"
import { type PrivateKafkaCluster, privateKafkaCluster } from "../services/private.ts"

let cluster: PrivateKafkaCluster
let kafka: Kafka
beforeAll(async () => {
  cluster = await privateKafkaCluster()
}, 240_000)
afterAll(() => cluster.stop())

/** Both are led by broker 1: they share its connection. */
const sick = 0
const healthy = 1
/** Led by the broker that goes. */
const leaderless = 2
let topic: string
let log: RequestLog
let producersMade: number

beforeEach(async () => {
  kafka = kafkaClient(cluster.brokers.split(","), "partition-trouble-test")
  topic = `requests-${randomUUID()}`
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    topics: [
      {
        topic,
        replicaAssignment: [
          { partition: sick, replicas: [1, 2] },
          { partition: healthy, replicas: [1, 3] },
          { partition: leaderless, replicas: [2, 3] },
        ],
        configEntries: [{ name: "min.insync.replicas", value: "2" }],
      },
    ],
    waitForLeaders: true,
  })
  await admin.disconnect()
  producersMade = 0
  const produce = kafka.producer.bind(kafka)
  kafka.producer = (config) => {
    producersMade += 1
    return produce(config)
  }
  log = createRequestLog(kafka, topic)
})

const record = (): ReservationRecord => ({
  id: randomUUID(),
  userId: randomUUID(),
  skuNo: 1,
  quantity: 1,
  joinWaitlist: false,
  bodyHash: 1,
  acceptedAtMs: Date.now(),
})

interface Traffic {
  /** Milliseconds of each append that was acknowledged, since the last call; and how many were not. */
  take(): { readonly tookMs: readonly number[]; readonly refused: number }
  stop(): Promise<void>
}

const everyMs = 20

/** Appends a record to the partition at a constant rate, whatever becomes of those before. */
function traffic(partition: number): Traffic {
  let [tookMs, refused] = [[] as number[], 0]
  const appends = new Set<Promise<void>>()
  const timer = setInterval(() => {
    const startedMs = performance.now()
    const append = log
      .append(record(), "sku", partition)
      .then(() => void tookMs.push(performance.now() - startedMs))
      .catch((error) => {
        if (!(error instanceof ProblemError)) throw error
        refused += 1
      })
      .finally(() => appends.delete(append))
    appends.add(append)
  }, everyMs)
  return {
    take() {
      const taken = { tookMs, refused }
      tookMs = []
      refused = 0
      return taken
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(appends)
    },
  }
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN

const quietMs = 2_000
const troubleMs = 5_000
/** What a busy machine adds to some milliseconds; a send that waits for a timeout takes a second and more. */
const noiseMs = 40

/** The in-sync replicas of a partition, as a broker that lives tells them. */
async function inSync(partition: number): Promise<number[]> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.isr ?? []
  } finally {
    await admin.disconnect()
  }
}

test("a partition below its minimum of in-sync replicas: the p95 of another one of the same broker does not move, and nothing is dialled", async () => {
  const flows = [traffic(sick), traffic(healthy)] as const
  await delay(1_000)
  for (const flow of flows) flow.take()
  await delay(quietMs)
  const before = flows.map((flow) => flow.take())
  expect(before.map(({ refused }) => refused)).toEqual([0, 0])
  const madeBefore = producersMade

  await cluster.broker(2).kill()
  await delay(troubleMs)
  const during = flows[1].take()
  const madeWhileItWent = producersMade - madeBefore
  // It is below its minimum now, and each send is refused by an answer.
  await until(async () => (await inSync(sick)).length === 1)
  flows[0].take()
  const madeSoFar = producersMade
  await delay(quietMs)
  const below = flows.map((flow) => flow.take())
  const madeWhileBelow = producersMade - madeSoFar
  await cluster.broker(2).start()
  await until(async () => (await inSync(sick)).length === 2)
  await until(async () => (await log.append(record(), "sku", sick).catch(() => undefined)) !== undefined)
  await Promise.all(flows.map((flow) => flow.stop()))

  const p95 = [before[1], during, below[1]].map((taken) => Math.round(quantile(taken?.tookMs ?? [], 0.95)))
  console.log(
    `p95 of the healthy partition before, while its neighbour fell below its minimum, and below it: ${p95.join(", ")} ms; ` +
      `producers made: 1, ${madeWhileItWent}, ${madeWhileBelow}; refused: ${before[1]?.refused}, ${during.refused}, ${below[1]?.refused}`,
  )
  const [quiet = 0, fell, stays] = p95
  expect(fell).toBeLessThan(2 * quiet + noiseMs)
  expect(stays).toBeLessThan(2 * quiet + noiseMs)
  expect(below.map(({ refused }) => refused > 0)).toEqual([true, false])
  expect(during.refused).toBe(0)
  expect(madeWhileBelow).toBe(0)
  // One of its own for the partition in trouble, and once another one for all.
  expect(madeWhileItWent).toBeLessThanOrEqual(2)
  await log.close()
})

test("a leader that hangs: partitions of the other brokers do not wait for it, and its own partition sends again once there is another leader", async () => {
  const flows = [traffic(leaderless), traffic(healthy)] as const
  await delay(1_000)
  for (const flow of flows) flow.take()
  await delay(quietMs)
  const before = flows[1].take()
  cluster.broker(2).freeze()
  const frozenAtMs = performance.now()
  await delay(troubleMs)
  const during = flows[1].take()
  cluster.broker(2).thaw()
  await until(async () => (await log.append(record(), "sku", leaderless).catch(() => undefined)) !== undefined)
  const againMs = Math.round(performance.now() - frozenAtMs)
  await Promise.all(flows.map((flow) => flow.stop()))
  const [quiet, hung] = [before, during].map(({ tookMs }) => Math.round(quantile(tookMs, 0.95)))
  console.log(
    `p95 of the healthy partition before and while another leader hung: ${quiet}, ${hung} ms; the other partition again after ${againMs} ms; ` +
      `producers made: ${producersMade}`,
  )
  expect(hung).toBeLessThan(2 * (quiet ?? 0) + noiseMs)
  expect(during.refused).toBe(0)
  expect(producersMade).toBeLessThanOrEqual(8)
  await log.close()
})
