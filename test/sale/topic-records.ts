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

/** The values of everything in a topic, partition by partition, in order. */
export async function readTopic(topic: string, brokers = inject("services").kafkaBrokers): Promise<string[]> {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
  const wanted = await recordsIn(topic, brokers)
  const found: { partition: number; offset: number; value: string }[] = []
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const all = Promise.withResolvers<void>()
  if (wanted === 0) all.resolve()
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      found.push({ partition, offset: Number(message.offset), value: message.value?.toString() ?? "" })
      if (found.length >= wanted) all.resolve()
    },
  })
  await all.promise
  await consumer.disconnect()
  return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset).map(({ value }) => value)
}
