import { randomUUID } from "node:crypto"
import { Kafka, logLevel } from "kafkajs"
import { inject } from "vitest"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"

/** Puts raw records at the end of a topic, as a foreign producer would. */
export async function appendRaw(
  topic: string,
  partition: number,
  records: readonly { key: string | null; value: Buffer | null }[],
): Promise<void> {
  const producer = new Kafka({ brokers: [inject("services").kafkaBrokers], logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: records.map((record) => ({ ...record, partition })) })
  await producer.disconnect()
}

/** The number of records that were ever written to a topic. */
export async function recordsIn(topic: string, brokers = inject("services").kafkaBrokers): Promise<number> {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
  const ends = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic))
  return ends.reduce((sum, { high }) => sum + Number(high), 0)
}

/** Sets a group's offsets back to the beginning; the group must have no members. */
export async function resetToEarliest(group: string, topic: string): Promise<void> {
  const kafka = new Kafka({ brokers: [inject("services").kafkaBrokers], logLevel: logLevel.NOTHING })
  await withAdmin(kafka, (admin) => admin.resetOffsets({ groupId: group, topic, earliest: true }))
}

interface ReadRecord {
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}

/** Everything in a topic, partition by partition, in order. Null values are read as empty ones. */
export async function readRecords(topic: string, brokers = inject("services").kafkaBrokers): Promise<ReadRecord[]> {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
  const wanted = await recordsIn(topic, brokers)
  const found: ReadRecord[] = []
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const all = Promise.withResolvers<void>()
  if (wanted === 0) all.resolve()
  await consumer.run({
    eachMessage: async ({ partition, message: { key, offset, value, headers = {} } }) => {
      const texts = Object.entries(headers).map(([name, bytes]) => [name, String(bytes)])
      found.push({
        ...{ partition, offset: Number(offset), key: key?.toString() ?? "", value: value?.toString() ?? "" },
        headers: Object.fromEntries(texts),
      })
      if (found.length >= wanted) all.resolve()
    },
  })
  await all.promise
  await consumer.disconnect()
  return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}

/** The values of everything in a topic, partition by partition, in order. */
export const readTopic = async (topic: string, brokers?: string): Promise<string[]> =>
  (await readRecords(topic, brokers)).map(({ value }) => value)
