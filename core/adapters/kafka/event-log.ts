import type { Kafka } from "kafkajs"
import { type AnySaleEvent, encodeEvent } from "../../contracts/events.ts"
import { createSender } from "./sender.ts"

/** Events of one SKU, in the order of its ledger, and the partition of the SKU. */
export interface PublishedEvents {
  readonly skuId: string
  readonly partition: number
  readonly events: readonly AnySaleEvent[]
  /** The `traceparent` of each event that belongs to a trace, by the event's id; it becomes a header of the record. */
  readonly traces?: ReadonlyMap<string, string>
}

export interface EventLog {
  /**
   * Publishes events of one SKU in order, in one request, acknowledged by all in-sync replicas within `maxMs` milliseconds.
   * @throws Error with kafkajs' error as its cause when they are not acknowledged; the events may then be in the log all the same
   */
  publish(batch: PublishedEvents, maxMs: number): Promise<void>
  close(): Promise<void>
}

/** The producer of `reservation-events`. */
export function createEventLog(kafka: Kafka, topic: string): EventLog {
  const sender = createSender(kafka, topic)
  return {
    async publish({ skuId, partition, events, traces }, maxMs) {
      const messages = events.map((event) => {
        const traceparent = traces?.get(event.event_id)
        return { key: skuId, partition, value: encodeEvent(event), ...(traceparent && { headers: { traceparent } }) }
      })
      const result = await sender.send(messages, performance.now() + maxMs)
      if (result.kind === "acknowledged") return
      throw new Error(`${events.length} events of ${skuId} were not acknowledged in partition ${partition} of ${topic}`, {
        cause: result.error,
      })
    },
    close: () => sender.close(),
  }
}
