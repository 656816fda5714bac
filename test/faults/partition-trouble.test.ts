import { randomUUID } from "node:crypto"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { problemFor } from "../../core/adapters/http/error-problems.ts"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { createRequestLog, type RequestLog, requestLogLimits } from "../../core/adapters/kafka/request-log.ts"
import type { ReservationRecord } from "../../core/contracts/reservation-record.ts"
import { until } from "../sale/running-sale.ts"
import { type PrivateKafkaCluster, privateKafkaCluster } from "../services/private.ts"
import { followTopic, steadyLoad } from "./followed-topic.ts"

let cluster: PrivateKafkaCluster
/** Connections that this process has begun to make. */
let dialled = 0
const countDial = () => {
  dialled += 1
}
beforeAll(async () => {
  cluster = await privateKafkaCluster()
  subscribe("net.client.socket", countDial)
}, 240_000)
afterAll(async () => {
  unsubscribe("net.client.socket", countDial)
  // Brokers that shut down cleanly at the same time wait for each other, and no test needs their data.
  await Promise.all([1, 2, 3].map((id) => cluster.broker(id).kill()))
  await cluster.stop()
})

/** Partitions led by broker 1, each with another follower. */
const slow = 0
const healthy = 1
/** Led by broker 2. */
const hanging = 2
const replicaAssignment = [
  { partition: slow, replicas: [1, 2] },
  { partition: healthy, replicas: [1, 3] },
  { partition: hanging, replicas: [2, 3] },
]
let topic: string

async function createTopic(minInSyncReplicas: number): Promise<void> {
  const kafka = kafkaClient(cluster.brokers.split(","), "partition-trouble-test")
  topic = `requests-${randomUUID()}`
  const configEntries = [{ name: "min.insync.replicas", value: String(minInSyncReplicas) }]
  const topics = [{ topic, replicaAssignment, configEntries }]
  await withAdmin(kafka, (admin) => createTopics(admin, topics))
}

const openLog = (limits = {}): RequestLog =>
  createRequestLog(kafkaClient(cluster.brokers.split(","), "partition-trouble-test"), topic, { ...requestLogLimits, ...limits })

const record = (): ReservationRecord => ({
  id: randomUUID(),
  userId: randomUUID(),
  skuNo: 1,
  quantity: 1,
  joinWaitlist: false,
  bodyHash: 1,
  acceptedAtMs: Date.now(),
})

/** The outcomes of the appends that ended since the last call. */
interface Taken {
  /** Milliseconds of each one that was acknowledged. */
  readonly tookMs: readonly number[]
  readonly refused: number
  /** Those that the brokers refused, because there were too few replicas. */
  readonly lackedReplicas: number
}

interface Traffic {
  take(): Taken
  stop(): Promise<void>
}

const everyMs = 20

/** Appends records to the partition at a constant rate, without waiting for earlier appends. */
function traffic(log: RequestLog, partition: number): Traffic {
  let [tookMs, refused, lackedReplicas] = [[] as number[], 0, 0]
  const appends = new Set<Promise<void>>()
  const timer = setInterval(() => {
    const startedMs = performance.now()
    const append = log
      .append(record(), "sku", partition)
      .then(() => void tookMs.push(performance.now() - startedMs))
      .catch((error) => {
        if (problemFor(error) === undefined) throw error
        refused += 1
        if (saysNotEnoughReplicas(error)) lackedReplicas += 1
      })
      .finally(() => appends.delete(append))
    appends.add(append)
  }, everyMs)
  return {
    take() {
      const taken = { tookMs, refused, lackedReplicas }
      tookMs = []
      refused = lackedReplicas = 0
      return taken
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(appends)
    },
  }
}

function saysNotEnoughReplicas(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ("type" in error && error.type === "NOT_ENOUGH_REPLICAS") || saysNotEnoughReplicas(error.cause)
}

/** In ms; a record that was never acknowledged waited as long as a send may. */
function p95({ tookMs, refused }: Taken): number {
  const waitedMs = [...tookMs, ...Array<number>(refused).fill(requestLogLimits.deadlineMs)].sort((a, b) => a - b)
  return Math.round(waitedMs[Math.floor(waitedMs.length * 0.95)] ?? Number.NaN)
}

const quietMs = 2_000
const belowMs = 1_500
/** The margin for a busy machine. A send that waits for a hanging one takes hundreds of milliseconds and more. */
const noiseMs = 40

/** A link of a partition that hangs is replaced after 1.5, 3.5, 7.5 s and so on, and connects to two or three brokers. */
const maxDialledForOne = 9

/** Waits until the traffic is steady, and measures it before the fault. */
async function quiet(flows: readonly Traffic[]): Promise<Taken[]> {
  const isSteady = (flow: Traffic) => until(() => flow.take().tookMs.length > 0)
  await Promise.all(flows.map(isSteady))
  await delay(requestLogLimits.deadlineMs)
  for (const flow of flows) flow.take()
  await delay(quietMs)
  const before = flows.map((flow) => flow.take())
  expect(before.map(({ refused }) => refused)).toEqual(flows.map(() => 0))
  return before
}

test("a partition below its minimum of in-sync replicas does not move the p95 of its neighbour on the same broker, and no link is dialled", async () => {
  await createTopic(2)
  const log = openLog()
  const oneLink = openLog({ maxLinks: 1 })
  const slowFlow = traffic(log, slow)
  const flows = [traffic(log, healthy), traffic(oneLink, healthy)] as const
  const slowOverOneLink = traffic(oneLink, slow)
  const before = await quiet([...flows, slowFlow, slowOverOneLink])

  // Until the leader notices that its follower has ended, each send to the slow partition hangs.
  await cluster.broker(2).kill()
  const [goneAtMs, dialledBefore] = [performance.now(), dialled]
  await until(() => slowFlow.take().lackedReplicas > 0 && slowOverOneLink.take().lackedReplicas > 0)
  const [hungMs, dialledWhileItHung] = [Math.round(performance.now() - goneAtMs), dialled - dialledBefore]
  // From now on it answers each send with a refusal. The hanging sends have ended at their deadline.
  await delay(requestLogLimits.deadlineMs)
  slowFlow.take()
  const dialledSoFar = dialled
  await delay(belowMs)
  const dialledBelow = dialled - dialledSoFar
  const below = slowFlow.take()
  const during = flows.map((flow) => flow.take())

  await cluster.broker(2).start()
  await until(async () => (await log.append(record(), "sku", slow).catch(() => undefined)) !== undefined)
  await Promise.all([...flows, slowFlow, slowOverOneLink].map((flow) => flow.stop()))

  const [own = 0, shared = 0] = before.map(p95)
  const [ownInTrouble = 0, sharedInTrouble = 0] = during.map(p95)
  console.log(
    `p95 of the healthy partition before and during ${hungMs} ms in which its neighbour hung and some more in which it refused: ` +
      `${own} and ${ownInTrouble} ms, over a link that it shares with it ${shared} and ${sharedInTrouble} ms; ` +
      `connections dialled in both: ${dialledWhileItHung} and ${dialledBelow}; not acknowledged: ${during.map(({ refused }) => refused)}`,
  )
  expect(ownInTrouble).toBeLessThan(2 * own + noiseMs)
  expect(during[0]?.refused).toBe(0)
  expect(dialledBelow).toBe(0)
  expect(below.lackedReplicas).toBeGreaterThan(0)
  expect(below.lackedReplicas).toBe(below.refused)
  expect(dialledWhileItHung).toBeLessThanOrEqual(maxDialledForOne * 2)
  // The control: partitions that share a link do wait for each other.
  expect(sharedInTrouble).toBeGreaterThan(2 * shared + noiseMs)
  await Promise.all([log.close(), oneLink.close()])
})

test("a leader that hangs: partitions of other brokers do not wait for it, and its own partition sends again with the next leader", async () => {
  await createTopic(1)
  const log = openLog()
  const flows = [traffic(log, healthy), traffic(log, hanging)] as const
  const [before] = await quiet(flows)

  cluster.broker(2).freeze()
  const [frozenAtMs, dialledBefore] = [performance.now(), dialled]
  await delay(requestLogLimits.deadlineMs)
  flows[1].take()
  await until(() => flows[1].take().tookMs.length > 0)
  const againMs = Math.round(performance.now() - frozenAtMs)
  const during = flows[0].take()
  const dialledWhileItHung = dialled - dialledBefore
  cluster.broker(2).thaw()
  await Promise.all(flows.map((flow) => flow.stop()))

  const [well, hung] = [before, during].map((taken) => taken && p95(taken))
  console.log(
    `p95 of the healthy partition before and while another leader hung: ${well} and ${hung} ms; the other partition again after ${againMs} ms; ` +
      `connections dialled: ${dialledWhileItHung}`,
  )
  expect(hung).toBeLessThan(2 * (well ?? 0) + noiseMs)
  expect(during.refused).toBe(0)
  expect(dialledWhileItHung).toBeLessThanOrEqual(maxDialledForOne)
  await log.close()
})

test("a consumer group reads on when the broker that it reads from is killed under load: no acknowledged record is left out", async () => {
  await createTopic(1)
  const log = openLog()
  const follower = await followTopic(cluster.brokers.split(","), topic)
  const load = steadyLoad(log, record)
  await until(() => follower.hasRead(load.acknowledged.slice(0, 200)) && load.acknowledged.length > 200)

  // Both partitions have broker 1 as their leader.
  await cluster.broker(1).kill()
  const [killedAtMs, before] = [performance.now(), load.acknowledged.length]
  await until(() => load.acknowledged.length > before + 200)
  const again = load.acknowledged.slice(before)
  await until(() => follower.hasRead(again))
  console.log(`the group read records of the next leaders ${Math.round(performance.now() - killedAtMs)} ms after the kill`)
  await load.stop()
  await until(() => follower.hasRead(load.acknowledged))
  follower.expectOrder()
  await follower.stop()
  await cluster.broker(1).start()
  await log.close()
})
