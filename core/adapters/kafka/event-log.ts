import type { Kafka } from "kafkajs"
import { type AnySaleEvent, encodeEvent } from "../../contracts/events.ts"
import { createSender } from "./sender.ts"

export interface EventLog {
  /**
   * Publishes events of one SKU in order, in one request, acknowledged by all in-sync replicas within `maxMs` milliseconds.
   * @throws Error with kafkajs' error as its cause when they are not acknowledged; the events may then be in the log all the same
   */
  publish(batch: { skuId: string; partition: number; events: readonly AnySaleEvent[] }, maxMs: number): Promise<void>
  close(): Promise<void>
}

/** The producer of `reservation-events`. */
export function createEventLog(kafka: Kafka, topic: string): EventLog {
  const sender = createSender(kafka, topic)
  return {
    async publish({ skuId, partition, events }, maxMs) {
      const messages = events.map((event) => ({ key: skuId, partition, value: encodeEvent(event) }))
      const result = await sender.send(messages, performance.now() + maxMs)
      if (result.kind === "acknowledged") return
      throw new Error(`${events.length} events of ${skuId} were not acknowledged in partition ${partition} of ${topic}`, {
        cause: result.error,
      })
    },
    close: () => sender.close(),
  }
}
