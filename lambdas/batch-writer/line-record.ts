import { createHash } from "node:crypto"
import type { QuarantinedRecord } from "../../core/adapters/postgres/transaction.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import { type Decoded, decodeReservationRecord, type UndecodableReason } from "../../core/contracts/reservation-record.ts"

/** A record of the line. */
export interface LineRecord {
  readonly offset: number
  readonly key: string | undefined
  readonly raw: Buffer
  readonly decoded: Decoded
}

/** Why a record was put beside the line. */
export type QuarantineReason = UndecodableReason | "key-mismatch" | "unknown-sku" | `refused-by-database-${string}`

/**
 * A delivered record. It is decoded when it is first looked at: a delivery's first batch is on its way before its last is decoded, and
 * PostgreSQL does not wait for the whole of it (ADR 0012). Never throws.
 */
export const lineRecord = (delivered: MskRecord): LineRecord => new DeliveredRecord(delivered)

class DeliveredRecord implements LineRecord {
  readonly offset: number
  readonly #delivered: MskRecord
  #decoded: Decoded | undefined

  constructor(delivered: MskRecord) {
    this.offset = delivered.offset
    this.#delivered = delivered
  }

  get key(): string | undefined {
    const { key } = this.#delivered
    return typeof key === "string" ? Buffer.from(key, "base64").toString("utf8") : undefined
  }

  get raw(): Buffer {
    return this.#value ?? Buffer.alloc(0)
  }

  get decoded(): Decoded {
    this.#decoded ??= decodeReservationRecord(this.#value)
    return this.#decoded
  }

  get #value(): Buffer | null {
    const { value } = this.#delivered
    return typeof value === "string" ? Buffer.from(value, "base64") : null
  }
}

/** What is kept of a record that cannot be decided. */
export const quarantined = ({ offset, raw }: LineRecord, reason: QuarantineReason): QuarantinedRecord => ({
  offset,
  sha256: createHash("sha256").update(raw).digest(),
  reason,
  raw,
})
