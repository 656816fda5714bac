import { KafkaMskEventSchema, KafkaRecordSchema } from "@aws-lambda-powertools/parser/schemas/kafka"
import * as z from "zod"
import { type AnySaleEvent, decodeEvent } from "../../core/contracts/events.ts"

/**
 * Powertools' record, decoded from base64, with the fields that are read here. Its value may be null: such a record must not stop
 * its partition.
 */
const DeliveredRecord = KafkaRecordSchema.pick({ topic: true, partition: true, offset: true }).extend({
  value: KafkaRecordSchema.shape.value.nullish(),
})

/** A delivery of `reservation-events` by the event source mapping. */
export const Delivery = KafkaMskEventSchema.extend({ records: z.record(z.string(), z.array(DeliveredRecord)) })
export type Delivery = z.output<typeof Delivery>
type DeliveredRecord = z.output<typeof DeliveredRecord>

/** An event and the offset of its record; `event` is absent when the record cannot be read as an event. */
export interface OffsetEvent {
  readonly offset: number
  readonly event?: AnySaleEvent
}

/** Reads the event of a record. */
export function offsetEventOf({ offset, value }: DeliveredRecord): OffsetEvent {
  const event = value == null ? undefined : decodeEvent(value)
  return { offset, ...(event && { event }) }
}
