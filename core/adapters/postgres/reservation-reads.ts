import type { Pool } from "pg"
import type { ConcurrencyLimit } from "../../concurrency/concurrency-limit.ts"
import type { RefusalReason } from "../../domain/reservation.ts"
import type { ReservationView } from "../../domain/reservation-view.ts"
import { uuidArray } from "./binary-arrays.ts"
import { decidedPlaceOf, type Row, reservationOf } from "./sale-load.ts"
import readDecided from "./statements/read-decided.sql"
import readPlace from "./statements/read-place.sql"

/** What has become of a place in line. */
interface PlaceInLine {
  /** The watermark of the partition. */
  readonly nextOffset: number
  /** The record there could not be decided and was put aside. */
  readonly quarantined: boolean
}

/**
 * Reads what was decided, bounded by the gate.
 * @throws PostgreSQL's errors; Overloaded when too many read
 */
export interface ReservationReads {
  /** What is decided of these ids; the others are absent. */
  decided(ids: readonly string[]): Promise<ReservationView[]>
  /** Undefined for a partition without a watermark. */
  place(partition: number, offset: number): Promise<PlaceInLine | undefined>
}

/** The statements have no name: they are planned each time, for a plan made while the tables were empty would scan them. */
export const createReservationReads = (pool: Pool, gate: ConcurrencyLimit, requestsTopic: string): ReservationReads => ({
  async decided(ids) {
    const { rows } = await gate(() => pool.query<Row & { overdue: boolean }>(readDecided, [uuidArray(ids)]))
    return rows.map(seenReservation)
  },
  async place(partition, offset) {
    const { rows } = await gate(() =>
      pool.query<{ next_offset: number; quarantined: boolean }>(readPlace, [requestsTopic, partition, offset]),
    )
    const [row] = rows
    return row && { nextOffset: row.next_offset, quarantined: row.quarantined }
  },
})

function seenReservation(row: Row & { overdue: boolean }): ReservationView {
  const { id, state, outcome, bodyHash, owner, skuNo, quantity, seq, userId, expiresAt } = reservationOf(row)
  return {
    id,
    status: row.overdue ? "EXPIRED" : state,
    bodyHash,
    owner,
    skuNo,
    skuId: String(row.sku_id),
    quantity,
    seq,
    ...(userId !== undefined && { userId }),
    ...(expiresAt !== undefined && { expiresAtMs: Math.floor(expiresAt / 1_000) }),
    ...(state === "RESERVED" && { remainingMs: Math.max(0, Number(row.remaining_ms)) }),
    ...(state === "REFUSED" && { reason: outcome as RefusalReason }),
    ...(row.overdue && { overdue: true }),
    ...decidedPlaceOf(row),
  }
}
