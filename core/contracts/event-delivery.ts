import * as z from "zod"

/**
 * A record as an MSK event source mapping delivers it, with the fields that consumers read. Key and value are base64; they are
 * absent or null where Kafka has null. Headers are read one by one, because a record that is set aside may hold any bytes.
 */
const DeliveredRecord = z.object({
  topic: z.string(),
  partition: z.int(),
  offset: z.int(),
  timestamp: z.int(),
  key: z.string().nullish(),
  value: z.string().nullish(),
  headers: z.array(z.record(z.string(), z.unknown())).nullish(),
})
export type DeliveredRecord = z.output<typeof DeliveredRecord>

/** A delivery of `reservation-events` by the event source mapping: records by `topic-partition`, each list in offset order. */
export const EventDelivery = z.object({ records: z.record(z.string(), z.array(DeliveredRecord)) })
export type EventDelivery = z.output<typeof EventDelivery>

/** The bytes of a record's key or value; null where Kafka has null. */
export const bytesOf = (base64: string | null | undefined): Buffer | null =>
  base64 === null || base64 === undefined ? null : Buffer.from(base64, "base64")

/** The value of a header of a record, as text; undefined when the record has no such header. */
export function headerOf({ headers }: Pick<DeliveredRecord, "headers">, name: string): string | undefined {
  const bytes = headers?.find((header) => Object.hasOwn(header, name))?.[name]
  return Array.isArray(bytes) ? Buffer.from(bytes).toString("utf8") : undefined
}
