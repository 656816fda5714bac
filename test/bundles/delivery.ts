import { randomUUID } from "node:crypto"
import type { KafkaMessage } from "kafkajs"
import { inject } from "vitest"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import type { MskEvent } from "../../core/contracts/msk-event.ts"
import { toMskEvent } from "../../local/event-source/msk-event.ts"

/** Creates topics, and only topics, as CloudFormation does. */
export async function createNamedTopics(names: readonly string[]): Promise<void> {
  const kafka = kafkaClient([inject("services").kafkaBrokers], "bundles-test")
  const created = names.map((topic) => ({ topic, numPartitions: 10 }))
  await withAdmin(kafka, (admin) => createTopics(admin, created))
}

/** All records of a topic's only partition with records, as the event source mapping delivers them. */
export async function deliveryOf(topic: string): Promise<MskEvent> {
  const brokers = [inject("services").kafkaBrokers]
  const kafka = kafkaClient(brokers, "bundles-test")
  const offsets = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic))
  const used = offsets.filter(({ high }) => high !== "0")
  const [end, ...others] = used
  if (end === undefined || others.length > 0) throw new Error(`${used.length} partitions of ${topic} hold records, not one`)

  const messages: KafkaMessage[] = []
  const all = Promise.withResolvers<void>()
  const consumer = kafka.consumer({ groupId: `bundles-${randomUUID()}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      messages.push(message)
      if (message.offset === String(Number(end.high) - 1)) all.resolve()
    },
  })
  await all.promise
  await consumer.disconnect()
  return toMskEvent(topic, end.partition, messages, brokers)
}

/** The same records, so many offsets later: records before them are missing. */
export const withOffsetsAfter = (delivery: MskEvent, gap: number): MskEvent => ({
  ...delivery,
  records: Object.fromEntries(
    Object.entries(delivery.records).map(([name, records]) => [
      name,
      records.map((record) => ({ ...record, offset: record.offset + gap })),
    ]),
  ),
})
