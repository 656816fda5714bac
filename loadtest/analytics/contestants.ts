import { randomUUID } from "node:crypto"
import { Kafka, type KafkaMessage, logLevel } from "kafkajs"
import type { AnalyticsStore } from "../../core/adapters/analytics/store.ts"
import { consumerGroups } from "../../core/contracts/consumer-groups.ts"
import { EventDelivery } from "../../core/contracts/event-delivery.ts"
import type { MskEvent } from "../../core/contracts/msk-event.ts"
import { consumeEvents } from "../../core/workflows/streams/consume-events.ts"
import { createEventCounter } from "../../core/workflows/streams/count-events.ts"
import { toMskEvent } from "../../local/event-source/msk-event.ts"
import { createEventSource } from "../../local/event-source/source.ts"
import { ownCpu } from "../measure/cpu.ts"
import { BenchFailed } from "../measure/failed.ts"
import type { AnalyticsResult, ContestantName } from "./result.ts"

export interface Topic {
  readonly brokers: readonly string[]
  readonly name: string
  readonly events: number
}

/** What a contestant has read so far. */
interface Meter {
  readonly read: (events: number) => void
  readonly done: Promise<void>
}

type Finish = () => Promise<void>

/** Measures from the first event to the last one. */
async function measured(
  name: ContestantName,
  events: number,
  begin: (meter: Meter) => Promise<Finish>,
  onProgress: (read: number) => void = () => {},
): Promise<AnalyticsResult> {
  const done = Promise.withResolvers<void>()
  let [read, deliveries, startedMs, cpuBefore] = [0, 0, performance.now(), ownCpu()]
  const finish = await begin({
    done: done.promise,
    read(more) {
      if (read === 0) [startedMs, cpuBefore] = [performance.now(), ownCpu()]
      read += more
      deliveries += 1
      onProgress(read)
      if (read >= events) done.resolve()
    },
  })
  await done.promise
  const seconds = (performance.now() - startedMs) / 1_000
  const cpu = ownCpu() - cpuBefore
  await finish()
  return { name, events, seconds, per_second: events / seconds, cpu_us: cpu / events, deliveries }
}

/** The floor: kafkajs' own loop with the same fetches, which parses each value and does nothing with it. */
export const jsonLoop = ({ brokers, name, events }: Topic): Promise<AnalyticsResult> =>
  measured("json-loop", events, async (meter) => {
    const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
    const consumer = kafka.consumer({ groupId: `loop-${randomUUID()}`, maxBytesPerPartition: 256 * 1_024 })
    await consumer.connect()
    await consumer.subscribe({ topics: [name], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: consumerGroups.analytics.eventSource.concurrency,
      eachBatch: async ({ batch: { messages } }) => {
        for (const { value } of messages) JSON.parse(String(value))
        meter.read(messages.length)
      },
    })
    return () => consumer.disconnect()
  })

const noLetters = {
  keep: async (letters: readonly unknown[]) => {
    if (letters.length > 0) throw new BenchFailed(`${letters.length} events of the benchmark could not be read`)
  },
}

/** The function of lambdas/analytics: it decodes a delivery, counts it, and stores figures and offset. */
function analyticsFunction(store: AnalyticsStore): (event: MskEvent) => Promise<unknown> {
  const count = createEventCounter({ store })
  return (event) => consumeEvents({ deadLetters: noLetters }, EventDelivery.parse(event), count)
}

/** The whole local consumer: the event source, the function, and PostgreSQL. */
export const analytics = (topic: Topic, store: AnalyticsStore, onProgress: (read: number) => void): Promise<AnalyticsResult> =>
  measured(
    "analytics",
    topic.events,
    async (meter) => {
      const handler = analyticsFunction(store)
      const source = createEventSource({
        ...{ brokers: topic.brokers, topic: topic.name, groupId: `analytics-${randomUUID()}` },
        delivers: consumerGroups.analytics.eventSource,
        async deliver(name, partition, messages) {
          const answer = await handler(toMskEvent(name, partition, messages, topic.brokers))
          meter.read(messages.length)
          return answer
        },
      })
      await source.start()
      return () => source.stop()
    },
    onProgress,
  )

/** The function alone, with deliveries as large as Lambda's. Making the deliveries is not measured. */
export async function functionAlone(
  deliveries: readonly { readonly partition: number; readonly messages: readonly KafkaMessage[] }[],
  topic: Topic,
  store: AnalyticsStore,
): Promise<AnalyticsResult> {
  const handler = analyticsFunction(store)
  const events = deliveries.reduce((sum, { messages }) => sum + messages.length, 0)
  let [seconds, cpu] = [0, 0]
  for (const { partition, messages } of deliveries) {
    const event = toMskEvent(topic.name, partition, messages, topic.brokers)
    const [startedMs, cpuBefore] = [performance.now(), ownCpu()]
    await handler(event)
    seconds += (performance.now() - startedMs) / 1_000
    cpu += ownCpu() - cpuBefore
  }
  return {
    ...{ name: "analytics-function", events, seconds, per_second: events / seconds },
    ...{ cpu_us: cpu / events, deliveries: deliveries.length },
  }
}
