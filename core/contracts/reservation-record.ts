import avro from "avsc"
import { bytesFromUuid, uuidFromBytes } from "../domain/ids.ts"

/** A reservation request as it is in the log, `reservation-requests`. Its timestamp decides nothing. */
export interface ReservationRecord {
  readonly id: string
  readonly userId: string
  readonly skuNo: number
  readonly quantity: number
  readonly joinWaitlist: boolean
  /** 32-bit hash of sku, quantity and join_waitlist: it shows that a key came again with another body. */
  readonly bodyHash: number
  /** Milliseconds since the epoch on the API's clock; for measuring the queue only. */
  readonly acceptedAtMs: number
}

/** The first byte of a record's value; an unknown version goes to quarantine and raises a metric of its own. */
export const recordVersion = 1

/** Every well-formed record is much shorter. A longer one is refused before decoding. */
export const maxRecordBytes = 256

const versionBytes = 1
const joinWaitlistFlag = 1

const body = avro.Type.forSchema({
  type: "record",
  name: "ReservationRequest",
  fields: [
    { name: "id", type: { type: "fixed", name: "RequestId", size: 16 } },
    { name: "user", type: { type: "fixed", name: "UserId", size: 16 } },
    { name: "sku_no", type: "int" },
    { name: "quantity", type: "int" },
    { name: "flags", type: "int" },
    { name: "body_hash", type: "int" },
    { name: "accepted_at_ms", type: "long" },
  ],
})

interface WireBody {
  id: Buffer
  user: Buffer
  sku_no: number
  quantity: number
  flags: number
  body_hash: number
  accepted_at_ms: number
}

export type UndecodableReason = "empty" | "too-large" | "unknown-version" | "undecodable"
export type Decoded =
  | { readonly kind: "record"; readonly record: ReservationRecord }
  | { readonly kind: "undecodable"; readonly reason: UndecodableReason }

/** Encodes a request as one version byte and an Avro body (about 50 bytes). */
export function encodeReservationRecord(record: ReservationRecord): Buffer {
  const wire: WireBody = {
    id: bytesFromUuid(record.id),
    user: bytesFromUuid(record.userId),
    sku_no: record.skuNo,
    quantity: record.quantity,
    flags: record.joinWaitlist ? joinWaitlistFlag : 0,
    body_hash: record.bodyHash,
    accepted_at_ms: record.acceptedAtMs,
  }
  return Buffer.concat([Buffer.of(recordVersion), body.toBuffer(wire)])
}

/** Decodes a record's value. A value that is no request of a known version gives a reason, never an exception. */
export function decodeReservationRecord(value: Buffer | null): Decoded {
  if (value === null || value.length === 0) return { kind: "undecodable", reason: "empty" }
  if (value.length > maxRecordBytes) return { kind: "undecodable", reason: "too-large" }
  if (value[0] !== recordVersion) return { kind: "undecodable", reason: "unknown-version" }
  try {
    const { value: wire, offset }: { value: WireBody; offset: number } = body.decode(value, versionBytes)
    // Bytes after the last field would be fields of an unknown version.
    if (offset !== value.length) return { kind: "undecodable", reason: "undecodable" }
    return {
      kind: "record",
      record: {
        id: uuidFromBytes(wire.id),
        userId: uuidFromBytes(wire.user),
        skuNo: wire.sku_no,
        quantity: wire.quantity,
        joinWaitlist: (wire.flags & joinWaitlistFlag) !== 0,
        bodyHash: wire.body_hash,
        acceptedAtMs: wire.accepted_at_ms,
      },
    }
  } catch {
    return { kind: "undecodable", reason: "undecodable" }
  }
}
