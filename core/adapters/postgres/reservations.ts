import type { Pool } from "pg"
import type { LogPosition } from "../../domain/queue-estimate.ts"
import type { Instant, Reservation } from "../../domain/reservation.ts"
import { uuidArray } from "./binary-arrays.ts"
import { decidedPositionOf, type Row, reservationOf } from "./rows.ts"
import { statement } from "./statement.ts"
import readReservationsText from "./statements/read-reservations.sql"

const readReservations = statement(readReservationsText, { ids: uuidArray }, "read-reservations")

/**
 * Reservations in one snapshot, each with the ledger sequence of its SKU in that snapshot and the log position it was decided at.
 */
export interface ReservationSnapshot {
  readonly now: Instant
  readonly reservations: readonly ({ readonly reservation: Reservation; readonly asOfSeq: number } & Partial<LogPosition>)[]
}

/** Reads reservations by id; absent ids are left out. @throws PostgreSQL's errors */
export async function readReservationSnapshot(pool: Pool, ids: readonly string[]): Promise<ReservationSnapshot> {
  const { rows } = await pool.query<Row>(readReservations({ ids }))
  return snapshotOf(rows)
}

/** The snapshot in rows of one statement, with the columns of read-reservations. */
export const snapshotOf = (rows: readonly Row[]): ReservationSnapshot => ({
  now: Number(rows[0]?.now ?? 0),
  reservations: rows.map((row) => ({
    reservation: reservationOf(row),
    asOfSeq: Number(row.as_of_seq),
    ...decidedPositionOf(row),
  })),
})
