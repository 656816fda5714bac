import type { Pool } from "pg"
import type { AttemptStatus } from "../../domain/checkout.ts"
import type { PaymentRef } from "../payment/provider.ts"
import type { CheckoutIds } from "./checkouts.ts"
import { integer, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import readAttemptText from "./statements/pay-read-attempt.sql"
import readEndingText from "./statements/pay-read-ending.sql"

const readAttemptById = statement(readAttemptText, { attempt_id: uuid }, "pay-read-attempt")
const readEnding = statement(readEndingText, { seconds: integer, limit: integer })

/** An attempt as it is now, for a caller that knows its id only. */
export interface KnownAttempt {
  readonly ids: CheckoutIds
  readonly bodyHash: number
  readonly status: AttemptStatus
}

/** Reads an attempt. @returns undefined when there is none @throws PostgreSQL's errors */
export async function readAttempt(pool: Pool, attemptId: string): Promise<KnownAttempt | undefined> {
  const { rows } = await pool.query<{
    attempt_id: string
    reservation_id: string
    user_id: string
    body_hash: number
    status: AttemptStatus
  }>(readAttemptById({ attempt_id: attemptId }))
  const [row] = rows
  if (row === undefined) return undefined
  const ids = { attemptId: row.attempt_id, reservationId: row.reservation_id, userId: row.user_id }
  return { ids, bodyHash: row.body_hash, status: row.status }
}

/** A payment, and the reservation it is for. */
export interface EndingPayment extends PaymentRef {
  readonly reservationId: string
}

/** Payments that may be complete although no webhook came, and whose hold ends within `seconds`. @throws PostgreSQL's errors */
export async function readEndingPayments(pool: Pool, seconds: number, limit: number): Promise<EndingPayment[]> {
  const { rows } = await pool.query<{ attempt_id: string; reservation_id: string; provider_ref: string }>(
    readEnding({ seconds, limit }),
  )
  return rows.map((row) => ({ attemptId: row.attempt_id, reservationId: row.reservation_id, ref: row.provider_ref }))
}
