import { KafkaMskEventSchema, KafkaRecordSchema } from "@aws-lambda-powertools/parser/schemas/kafka"
import * as z from "zod"
import { type AnySaleEvent, decodeEvent } from "../../core/contracts/events.ts"

/** Powertools' record, decoded from base64, less what is not read here; with a value that may be null, for one such record must not stop its partition. */
const DeliveredRecord = KafkaRecordSchema.pick({ topic: true, partition: true, offset: true }).extend({
  value: KafkaRecordSchema.shape.value.nullish(),
})

/** A delivery of `reservation-events` by the event source mapping. */
export const Delivery = KafkaMskEventSchema.extend({ records: z.record(z.string(), z.array(DeliveredRecord)) })
export type Delivery = z.output<typeof Delivery>
type DeliveredRecord = z.output<typeof DeliveredRecord>

/** An event and its place in line; `event` is absent when the record holds none. */
export interface PlacedEvent {
  readonly offset: number
  readonly event?: AnySaleEvent
}

/** Reads what a record carries. */
export function placedEvent({ offset, value }: DeliveredRecord): PlacedEvent {
  const event = value == null ? undefined : decodeEvent(value)
  return { offset, ...(event && { event }) }
}
