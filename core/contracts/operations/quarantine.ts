import * as z from "zod"
import { Timestamp } from "../http/primitives.ts"
import { change, read } from "./command.ts"

/** Records of one answer. */
export const maxListedRecords = 200

const place = { partition: z.int().min(0), offset: z.int().min(0) }
const Place = z.strictObject(place)

/** A request in the queue, as its record says. The user is the opaque subject of their token. */
const RequestFields = z.strictObject({
  id: z.string(),
  user: z.string(),
  sku_no: z.int(),
  /** Null: there is no such SKU. */
  sku_id: z.string().nullable(),
  quantity: z.int(),
  join_waitlist: z.boolean(),
  accepted_at: z.string(),
})

/** A record that could not be decided. */
export const Quarantined = z.strictObject({
  ...place,
  /** Why the writer could not decide it. */
  reason: z.string(),
  state: z.enum(["open", "retried", "dropped"]),
  quarantined_at: Timestamp,
  bytes: z.int(),
  /** Null: the bytes are no request that this version knows. */
  request: RequestFields.nullable(),
  /** What an operator did with it; null while it is open. */
  done: z.strictObject({ by: z.string(), at: Timestamp, why: z.string().nullable(), moved_to: Place.nullable() }).nullable(),
})
export type Quarantined = z.output<typeof Quarantined>

export const QuarantineList = z.strictObject({
  by_reason: z.array(z.strictObject({ reason: z.string(), open: z.int(), retried: z.int(), dropped: z.int() })),
  items: z.array(Quarantined),
  /** Where the next page begins; null at the end. */
  next: Place.nullable(),
})
export type QuarantineList = z.output<typeof QuarantineList>

/** A record beside the one that is shown. */
const Neighbour = z.strictObject({
  offset: z.int(),
  sku_id: z.string().nullable(),
  id: z.string().nullable(),
  /** The state of its reservation; null: it is in quarantine or not decided yet. */
  status: z.string().nullable(),
})

export const QuarantineView = z.strictObject({
  record: Quarantined,
  sha256: z.string(),
  /** The bytes of the record, in base64. */
  raw: z.string(),
  /** What a retry would do now: append it again, or leave it here, and why. */
  kept_because: z.string().nullable(),
  /** The state of the reservation with the id of this request; null: nothing was decided under it. */
  status: z.string().nullable(),
  /** Null: Kafka does not answer. Empty: Kafka keeps these records no longer. */
  neighbours: z.array(Neighbour).nullable(),
})
export type QuarantineView = z.output<typeof QuarantineView>

export const QuarantineRetry = z.strictObject({
  record: Quarantined,
  /** Why the record stays in quarantine; null: its request is in the queue again, at record.done.moved_to. */
  kept_because: z.string().nullable(),
})
export type QuarantineRetry = z.output<typeof QuarantineRetry>

/** Records that the writer could not decide. */
export const quarantineCommands = {
  "quarantine-list": read(
    {
      state: z.enum(["open", "retried", "dropped"]).optional(),
      reason: z.string().min(1).max(100).optional(),
      after: Place.optional(),
      limit: z.int().min(1).max(maxListedRecords).default(50),
    },
    QuarantineList,
  ),
  "quarantine-show": read(place, QuarantineView),
  /** Puts the request of a record at the end of the queue. A record that still cannot be decided stays where it is. */
  "quarantine-retry": change(place, QuarantineRetry),
  /** Ends a record that nobody needs. Its row and the reason stay. */
  "quarantine-drop": change({ ...place, reason: z.string().trim().min(1).max(500) }, Quarantined),
}
