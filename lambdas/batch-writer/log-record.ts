import { createHash } from "node:crypto"
import type { QuarantinedRecord } from "../../core/adapters/postgres/transaction.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import {
  decodeReservationRecord,
  type ReservationRecord,
  type UndecodableReason,
} from "../../core/contracts/reservation-record.ts"

/** A record of the request log, decoded or not. */
export interface LogRecord {
  readonly offset: number
  readonly key: string | undefined
  readonly raw: Buffer
  /** Present on the record of a traced request. */
  readonly traceparent?: string
  readonly decoded:
    | { readonly kind: "record"; readonly record: ReservationRecord }
    | { readonly kind: "undecodable"; readonly reason: UndecodableReason }
}

/** Why a record is in quarantine. */
export type QuarantineReason = UndecodableReason | "key-mismatch" | "unknown-sku" | `refused-by-database-${string}`

/** Decodes a delivered record; never throws. */
export function logRecord({ offset, key, value, headers }: MskRecord): LogRecord {
  const raw = typeof value === "string" ? Buffer.from(value, "base64") : null
  return {
    offset,
    key: typeof key === "string" ? Buffer.from(key, "base64").toString("utf8") : undefined,
    raw: raw ?? Buffer.alloc(0),
    decoded: decodeReservationRecord(raw),
    // Most records have no header at all.
    ...(headers.length > 0 && traceOf(headers)),
  }
}

function traceOf(headers: MskRecord["headers"]): { traceparent?: string } {
  const bytes = headers.find(({ traceparent }) => traceparent !== undefined)?.traceparent
  return bytes === undefined ? {} : { traceparent: Buffer.from(bytes).toString("latin1") }
}

/** What quarantine keeps of a record that cannot be decided. */
export const quarantined = ({ offset, raw }: LogRecord, reason: QuarantineReason): QuarantinedRecord => ({
  offset,
  sha256: createHash("sha256").update(raw).digest(),
  reason,
  raw,
})
