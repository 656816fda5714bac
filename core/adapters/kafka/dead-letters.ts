import type { Kafka } from "kafkajs"
import { bytesOf, type DeliveredRecord } from "../../contracts/event-delivery.ts"
import type { PoisonReason } from "../../contracts/events.ts"
import { topics } from "../../contracts/topics.ts"
import { createSender } from "./sender.ts"

/** A record that a consumer group cannot read, and why. */
export interface DeadLetter {
  readonly record: DeliveredRecord
  readonly reason: PoisonReason
}

export interface DeadLetters {
  /**
   * Keeps records that the group set aside, acknowledged by all in-sync replicas within `maxMs` milliseconds. A record that is
   * delivered again is kept again.
   * @throws Error with kafkajs' error as its cause when they are not acknowledged
   */
  keep(letters: readonly DeadLetter[], maxMs: number): Promise<void>
  close(): Promise<void>
}

/** The producer of the dead-letter topic for one consumer group. */
export function createDeadLetters(kafka: Kafka, topic: string, group: string): DeadLetters {
  const sender = createSender(kafka, topic, { maxLinks: topics.deadLetters.partitions })
  return {
    async keep(letters, maxMs) {
      if (letters.length === 0) return
      const messages = letters.map(({ record, reason }) => ({
        partition: 0,
        key: `${record.topic}-${record.partition}-${record.offset}`,
        value: bytesOf(record.value),
        headers: { group, reason, topic: record.topic, partition: String(record.partition), offset: String(record.offset) },
      }))
      const result = await sender.send(messages, performance.now() + maxMs)
      if (result.kind === "acknowledged") return
      throw new Error(`${letters.length} records could not be set aside in ${topic}`, { cause: result.error })
    },
    close: () => sender.close(),
  }
}
