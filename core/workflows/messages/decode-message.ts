import type { ReadRecord } from "../../adapters/kafka/partition-reader.ts"
import { decodeEvent } from "../../contracts/events.ts"
import { jsonOf } from "../../contracts/json.ts"
import type { Message } from "../../contracts/operations/messages.ts"
import { OrderRecord } from "../../contracts/orders-confirmed.ts"
import { decodeReservationRecord } from "../../contracts/reservation-record.ts"
import type { TopicKey } from "../../contracts/topics.ts"

/** Bytes of a value that are shown raw; every well-formed record is shorter. */
const shownRawBytes = 4_096
/** Characters of a key or a header that are shown. */
const shownTextLength = 200

/** The headers that our producers write. Others may hold anything, so they are not shown. */
const knownHeaders = ["traceparent", "x-correlation-id", "group", "reason", "topic", "partition", "offset"]

type Decoded = Pick<Message, "fields" | "poison">
const poison = (reason: string): Decoded => ({ fields: null, poison: reason })
const known = (fields: object): Decoded => ({ fields: { ...fields }, poison: null })

/** How the records of each topic are decoded. None of them throws. */
const decoders: Readonly<Record<TopicKey, (record: ReadRecord) => Decoded>> = {
  reservationRequests({ value }) {
    const decoded = decodeReservationRecord(value)
    if (decoded.kind === "undecodable") return poison(decoded.reason)
    const { id, userId, skuNo, quantity, joinWaitlist, acceptedAtMs } = decoded.record
    return known({ id, user: userId, sku_no: skuNo, quantity, join_waitlist: joinWaitlist, accepted_at_ms: acceptedAtMs })
  },
  reservationEvents: ({ key, value }) => eventOf(value, key?.toString("utf8")),
  ordersConfirmed({ value }) {
    if (value === null || value.length === 0) return poison("empty")
    const order = OrderRecord.safeParse(jsonOf(value.toString("utf8")))
    return order.success ? known(order.data) : poison("invalid")
  },
  /** Its key names the place of the record that was set aside, not a SKU. */
  deadLetters: ({ value }) => eventOf(value),
}

function eventOf(value: Buffer | null, key?: string): Decoded {
  const decoded = decodeEvent(value?.toString("utf8"), key)
  return "event" in decoded ? known(decoded.event) : poison(decoded.poison)
}

/** A record as operators see it. A record that cannot be decoded is shown as such. Never throws. */
export function decodeMessage(topic: TopicKey, partition: number, record: ReadRecord, withRaw: boolean): Message {
  const headers = knownHeaders.flatMap((name) => {
    const value = record.headers[name]
    return value === undefined ? [] : [[name, value.toString().slice(0, shownTextLength)]]
  })
  const at = new Date(record.atMs)
  return {
    ...{ partition, offset: record.offset, at: Number.isNaN(at.getTime()) ? "unknown" : at.toISOString() },
    key: record.key?.toString("utf8").slice(0, shownTextLength) ?? null,
    ...decoders[topic](record),
    headers: Object.fromEntries(headers),
    ...(withRaw && { raw: record.value?.subarray(0, shownRawBytes).toString("base64") ?? "" }),
  }
}

/** Whether a record has this key, and belongs to this SKU: by its key or by its fields. */
export const matches = (
  { key, fields }: Message,
  wanted: { readonly key?: string | undefined; readonly sku?: string | undefined },
) =>
  (wanted.key === undefined || key === wanted.key) &&
  (wanted.sku === undefined || key === wanted.sku || fields?.sku_id === wanted.sku)
