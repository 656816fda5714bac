import type { Pool } from "pg"
import type { ConcurrencyLimit } from "../../concurrency/concurrency-limit.ts"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import type { RefusalReason } from "../../domain/reservation.ts"
import type { ReservationView } from "../../domain/reservation-view.ts"
import { uuidArray } from "./binary-arrays.ts"
import { bigint, integer, textArray } from "./parameter-types.ts"
import { decidedPositionOf, type Row, reservationOf } from "./rows.ts"
import { statement } from "./statement.ts"
import readDecidedText from "./statements/read-decided.sql"
import readLogPositionText from "./statements/read-log-position.sql"

// The statements have no name: PostgreSQL plans them each time, because a plan from empty tables would scan them.
const readDecided = statement(readDecidedText, { ids: uuidArray })
const readLogPosition = statement(readLogPositionText, { topics: textArray, partition: integer, offset: bigint })

/** Whether the record at a log position is decided. */
interface PositionStatus extends LogPosition {
  // The place is another one than was asked for when an operator put the request into the queue again.
  /** The watermark of the partition. */
  readonly nextOffset: number
  /** The record there could not be decided and is in quarantine. */
  readonly quarantined: boolean
  /** The generation of the position has ended: the watermark stays where it is. */
  readonly ended: boolean
}

/**
 * Reads decisions; the limit bounds how many reads run at once.
 * @throws PostgreSQL's errors; Overloaded when too many reads run
 */
export interface ReservationReads {
  /** The decided ones of these ids; the others are absent. */
  decided(ids: readonly string[]): Promise<ReservationView[]>
  /** Undefined for a partition without a watermark. */
  place(partition: number, offset: number): Promise<PositionStatus | undefined>
}

/** @param requestsTopics the topics of all generations of the log */
export const createReservationReads = (
  pool: Pool,
  limit: ConcurrencyLimit,
  requestsTopics: readonly string[],
): ReservationReads => ({
  async decided(ids) {
    const { rows } = await limit(() => pool.query<Row & { overdue: boolean }>(readDecided({ ids })))
    return rows.map(seenReservation)
  },
  async place(partition, offset) {
    const { rows } = await limit(() =>
      pool.query<LogPosition & { next_offset: number; quarantined: boolean; ended: boolean }>(
        readLogPosition({ topics: requestsTopics, partition, offset }),
      ),
    )
    const [row] = rows
    if (row === undefined) return undefined
    const { next_offset: nextOffset, quarantined, ended } = row
    return { partition: row.partition, offset: row.offset, nextOffset, quarantined, ended }
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
    ...decidedPositionOf(row),
  }
}
