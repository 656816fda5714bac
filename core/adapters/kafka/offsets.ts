import type { Kafka } from "kafkajs"
import { keepAdmin } from "./admin.ts"

/**
 * End offsets by partition: one more than the last record that a broker has acknowledged. Those of the requests go on over all
 * generations (core/domain/log-generations.ts).
 */
export type EndOffsets = (topic: string) => Promise<Map<number, number>>

/** The reader of end offsets, with the connection that it keeps. */
export type EndOffsetsReader = EndOffsets & { close(): Promise<void> }

/**
 * Reads end offsets over one admin connection, which stays open.
 * @param firstOffsetOf the first offset of a topic's generation; 0 for a topic that has one generation
 * @throws kafkajs' errors
 */
export function createEndOffsets(kafka: Kafka, firstOffsetOf: (topic: string) => number = () => 0): EndOffsetsReader {
  const admin = keepAdmin(kafka)
  const read: EndOffsets = async (topic) => {
    const offsets = await admin.use((connected) => connected.fetchTopicOffsets(topic))
    const first = firstOffsetOf(topic)
    return new Map(offsets.map(({ partition, high }) => [partition, first + Number(high)]))
  }
  return Object.assign(read, { close: () => admin.close() })
}
