import type { Kafka } from "kafkajs"
import { keepAdmin } from "./admin.ts"

/** End offsets by partition: one more than the last record that a broker has acknowledged. */
export type EndOffsets = (topic: string) => Promise<Map<number, number>>

/** The reader of end offsets, with the connection that it keeps. */
export type EndOffsetsReader = EndOffsets & { close(): Promise<void> }

/** Reads end offsets over one admin connection, which stays open. @throws kafkajs' errors */
export function createEndOffsets(kafka: Kafka): EndOffsetsReader {
  const admin = keepAdmin(kafka)
  const read: EndOffsets = async (topic) => {
    const offsets = await admin.use((connected) => connected.fetchTopicOffsets(topic))
    return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]))
  }
  return Object.assign(read, { close: () => admin.close() })
}
