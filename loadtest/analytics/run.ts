import { randomUUID } from "node:crypto"
import { loadavg } from "node:os"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Kafka, type KafkaMessage, logLevel } from "kafkajs"
import { createPostgresStore } from "../../core/adapters/analytics/postgres-store.ts"
import { encodeState } from "../../core/adapters/analytics/state-codec.ts"
import type { AnalyticsStore } from "../../core/adapters/analytics/store.ts"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { createPool } from "../../core/adapters/postgres/pool.ts"
import { consumerGroups } from "../../core/contracts/consumer-groups.ts"
import { topics } from "../../core/contracts/topics.ts"
import { totalsOf } from "../../core/workflows/streams/analytics-generations.ts"
import { startCluster } from "../measure/cluster.ts"
import { BenchFailed } from "../measure/failed.ts"
import { benchServices } from "../measure/services.ts"
import { machineOf } from "../rehearsal/machine.ts"
import { analytics, functionAlone, jsonLoop, type Topic } from "./contestants.ts"
import { type EventRecord, saleEvents } from "./events.ts"
import type { AnalyticsRun } from "./result.ts"

const prewarmMb = 128
const { partitions } = topics.reservationEvents
const recordsPerSend = 5_000
/** The heap is measured after so many events, and at the end. */
const firstHeapAt = 100_000
/** Deliveries of the function alone, for each partition. */
const largeDeliveries = 4

/** Measures the consumer of analytics and a loop that only parses, on one broker, in turns. @throws BenchFailed */
export async function runAnalytics(events: number, progress: (line: string) => void): Promise<AnalyticsRun> {
  const at = new Date().toISOString()
  const load_average = loadavg()[0] ?? 0
  const cluster = await startCluster(prewarmMb)
  const services = benchServices(cluster)
  const database = await cluster.database()
  const pool = createPool({ connectionString: database.url }, { role: "analytics", size: 2 })
  try {
    const { brokers } = await services.kafka()
    const topic: Topic = { brokers: [brokers], name: `events-${randomUUID()}`, events }
    progress(`Publishing ${events.toLocaleString("en")} events`)
    await publish(topic)
    const heap: AnalyticsRun["heap"][number][] = []
    const store = createPostgresStore(pool, "analytics")
    const first = await jsonLoop(topic)
    progress(`A loop that only parses: ${rate(first.per_second)}`)
    const whole = await analytics(topic, store, heapAfter(firstHeapAt, heap))
    heap.push({ events, bytes: heapBytes() })
    progress(`Analytics: ${rate(whole.per_second)}`)
    await assertCounted(store, events)
    const alone = await functionAlone(deliveriesOf(topic), topic, createPostgresStore(pool, "function-alone"))
    progress(`The function alone: ${rate(alone.per_second)}`)
    const second = await jsonLoop(topic)
    // The floor is the faster of the two turns, before and after.
    const floor = first.per_second > second.per_second ? first : second
    const states = (await store.readAll()).map(({ state }) => encodeState(state).length)
    return {
      ...{ at, load_average, machine: machineOf(), heap },
      results: [floor, whole, alone],
      state_bytes: Math.max(...states),
    }
  } finally {
    await pool.end()
    await services.restKafka()
    await database.drop()
    await cluster.close()
  }
}

const rate = (perSecond: number): string => `${Math.round(perSecond).toLocaleString("en")} events/s`

async function publish({ brokers, name, events }: Topic): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  await withAdmin(kafka, (admin) => createTopics(admin, [{ topic: name, numPartitions: partitions }]))
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  let messages: EventRecord[] = []
  const send = async () => {
    await producer.send({ topic: name, acks: -1, messages })
    messages = []
  }
  for (const record of saleEvents(events, partitions, Date.now())) {
    messages.push(record)
    if (messages.length === recordsPerSend) await send()
  }
  if (messages.length > 0) await send()
  await producer.disconnect()
}

/** Deliveries as large as Lambda makes them, from the first events. */
function deliveriesOf({ events }: Topic): { partition: number; messages: KafkaMessage[] }[] {
  const { batchSize } = consumerGroups.analytics.eventSource
  const byPartition = Array.from({ length: partitions }, (): KafkaMessage[] => [])
  for (const { partition, key, value } of saleEvents(
    Math.min(events, partitions * batchSize * largeDeliveries),
    partitions,
    Date.now(),
  )) {
    const messages = byPartition[partition] ?? []
    messages.push({
      ...{ key: Buffer.from(key), value: Buffer.from(value), offset: String(messages.length) },
      ...{ timestamp: "0", attributes: 0, headers: {} },
    })
  }
  return byPartition.flatMap((messages, partition) =>
    Array.from({ length: Math.ceil(messages.length / batchSize) }, (_, index) => ({
      partition,
      messages: messages.slice(index * batchSize, (index + 1) * batchSize),
    })),
  )
}

/** Measures the heap once so many events were counted. */
function heapAfter(events: number, heap: AnalyticsRun["heap"][number][]): (read: number) => void {
  let isMeasured = false
  return (read) => {
    if (isMeasured || read < events) return
    isMeasured = true
    heap.push({ events, bytes: heapBytes() })
  }
}

/** The live heap: what is left after a full collection. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  collect()
  return process.memoryUsage().heapUsed
}

async function assertCounted(store: AnalyticsStore, events: number): Promise<void> {
  const totals = await totalsOf(store, 1)
  if (totals?.events === events) return
  throw new BenchFailed(`Analytics counted ${totals?.events} of ${events} events`)
}
