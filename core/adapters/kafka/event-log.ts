import type { Kafka } from "kafkajs"
import { type AnySaleEvent, encodeEvent } from "../../contracts/events.ts"

/** Messages in one request; far below the broker's limit of one megabyte. */
const maxMessages = 500

export interface EventLog {
  /** Publishes events of one SKU in order, acknowledged by all in-sync replicas. @throws kafkajs' errors; what was sent may come again */
  publish(batch: { skuId: string; partition: number; events: readonly AnySaleEvent[] }): Promise<void>
  close(): Promise<void>
}

/** The producer of `reservation-events`. A failed send leaves a stale socket behind in kafkajs, so the producer is made anew. */
export function createEventLog(kafka: Kafka, topic: string): EventLog {
  const connect = async () => {
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    return producer
  }
  let producer: ReturnType<typeof connect> | undefined

  return {
    async publish({ skuId, partition, events }) {
      const messages = events.map((event) => ({ key: skuId, partition, value: encodeEvent(event) }))
      try {
        producer ??= connect()
        const connected = await producer
        for (let from = 0; from < messages.length; from += maxMessages) {
          await connected.send({ topic, acks: -1, messages: messages.slice(from, from + maxMessages) })
        }
      } catch (error) {
        const stale = producer
        producer = undefined
        stale?.then((broken) => broken.disconnect()).catch(() => {})
        throw error
      }
    },
    async close() {
      const connected = await producer?.catch(() => undefined)
      await connected?.disconnect()
    },
  }
}
