import { randomUUID } from "node:crypto"
import { Kafka, KafkaJSProtocolError, logLevel } from "kafkajs"
import type { Pool } from "pg"
import { inject } from "vitest"
import { createPostgresStore } from "../../core/adapters/analytics/postgres-store.ts"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { createPool } from "../../core/adapters/postgres/pool.ts"
import { encodeEvent } from "../../core/contracts/events.ts"
import type { Totals } from "../../core/domain/analytics/report.ts"
import { totalsOf } from "../../core/workflows/streams/analytics-generations.ts"
import { provisionLog } from "../../local/provision.ts"
import { freshDatabase } from "../services/database.ts"
import { handlerEnvironment } from "../services/environment.ts"
import { type StartedPart, startPart } from "../services/parts.ts"
import { freshTopics } from "../services/topics.ts"
import { eventStream, type StreamSku } from "./event-stream.ts"
import { until } from "./running-sale.ts"

/** The partition of every SKU of these tests. */
export const eventPartition = 1

/** Creates topics, again when kafkajs fails because it asks for the leaders of a topic that the broker does not know yet. */
const created = <Result>(create: () => Promise<Result>): Promise<Result> =>
  until(() =>
    create().catch((error: unknown) => {
      if (!(error instanceof KafkaJSProtocolError) || error.type !== "UNKNOWN_TOPIC_OR_PARTITION") throw error
      return undefined
    }),
  )

/** Events on a topic of their own, and real processes that count them into a database of their own. */
export async function countedEvents(options: { kafkaBrokers?: string } = {}) {
  const brokers = options.kafkaBrokers ?? inject("services").kafkaBrokers
  const database = await freshDatabase()
  const topics = await created(() => freshTopics({ databaseUrl: database.url, partitions: 2, kafkaBrokers: brokers }))
  const environment = await handlerEnvironment({
    ...{ databaseUrl: database.url, redisUrl: "redis://127.0.0.1:9", topics, kafkaBrokers: brokers },
  })
  const pool: Pool = createPool({ connectionString: database.url }, { role: "analytics", size: 2 })
  const store = createPostgresStore(pool, "analytics")
  const kafka = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const group = `analytics-${randomUUID().slice(0, 8)}`
  const parts: StartedPart[] = []

  const send = (messages: readonly { key: string; value: string | null }[]) =>
    producer.send({
      ...{ topic: topics.events, acks: -1 },
      messages: messages.map((message) => ({ ...message, partition: eventPartition })),
    })

  return {
    ...{ topics, store, group, kafka },

    /** Publishes events of a SKU's ledger, from an entry on. */
    publish: (sku: StreamSku, fromSeq: number, count: number) =>
      send(eventStream(sku, fromSeq, count).map((event) => ({ key: event.sku_id, value: encodeEvent(event) }))),
    send,

    /** Starts a consumer of the group. */
    async consumer(more: Readonly<Record<string, string>> = {}): Promise<StartedPart> {
      const part = await startPart("local/event-source/main.ts", {
        ...environment.variables,
        ...{ EVENT_SOURCE: "analytics", CONSUMER_GROUP: group, SERVICE_NAME: "analytics", WARM_UP: "off" },
        ...more,
      })
      parts.push(part)
      return part
    },

    /** Resolves with the totals once so many events are counted. */
    counted: (events: number): Promise<Totals> =>
      until(async () => {
        const totals = await totalsOf(store, await store.readGeneration())
        return totals !== undefined && totals.events >= events && totals
      }),
    state: async () => (await store.read(eventPartition))?.state,
    /** Resolves when the group has committed this offset. */
    committed: (offset: number) =>
      until(() =>
        withAdmin(kafka, async (admin) => {
          const [of] = await admin.fetchOffsets({ groupId: group, topics: [topics.events] })
          return of?.partitions.some((each) => each.partition === eventPartition && each.offset === String(offset))
        }),
      ),
    /** Sets the group's offset; it must have no members. */
    setOffset: (offset: number) =>
      withAdmin(kafka, (admin) =>
        admin.setOffsets({
          groupId: group,
          topic: topics.events,
          partitions: [{ partition: eventPartition, offset: String(offset) }],
        }),
      ),
    /** Deletes the topic with its records, and creates it again. */
    async recreateTopic() {
      await withAdmin(kafka, async (admin) => {
        await admin.deleteTopics({ topics: [topics.events] })
        await until(async () => !(await admin.listTopics()).includes(topics.events))
      })
      const definition = { name: topics.events, partitions: 2, retentionMs: 3_600_000, watermarked: false }
      await created(() => provisionLog({ databaseUrl: database.url, brokers, definitions: [definition] }))
    },

    async close() {
      for (const part of parts) part.signal("SIGKILL")
      await Promise.all(parts.map(({ ended }) => ended))
      await Promise.all([producer.disconnect(), environment.close(), pool.end()])
      await database.drop()
    },
  }
}
export type CountedEvents = Awaited<ReturnType<typeof countedEvents>>
