import type { Pool } from "pg"
import type { AttemptStatus } from "../../domain/checkout.ts"
import type { PaymentRef } from "../payment/provider.ts"
import type { CheckoutIds } from "./payments.ts"
import readAttemptStatement from "./statements/pay-read-attempt.sql"
import readEnding from "./statements/pay-read-ending.sql"

/** An attempt as it stands, for who comes with nothing but its id. */
export interface KnownAttempt {
  readonly ids: CheckoutIds
  readonly bodyHash: number
  readonly status: AttemptStatus
}

/** @returns undefined when we made no such attempt @throws PostgreSQL's errors */
export async function readAttempt(pool: Pool, attemptId: string): Promise<KnownAttempt | undefined> {
  const { rows } = await pool.query<{
    attempt_id: string
    reservation_id: string
    user_id: string
    body_hash: number
    status: AttemptStatus
  }>({ name: "pay-read-attempt", text: readAttemptStatement, values: [attemptId] })
  const [row] = rows
  if (row === undefined) return undefined
  const ids = { attemptId: row.attempt_id, reservationId: row.reservation_id, userId: row.user_id }
  return { ids, bodyHash: row.body_hash, status: row.status }
}

/** A payment, and the reservation it is for. */
export interface EndingPayment extends PaymentRef {
  readonly reservationId: string
}

/** Payments that may be complete without our knowing, and whose hold ends within `seconds`. @throws PostgreSQL's errors */
export async function readEndingPayments(pool: Pool, seconds: number, limit: number): Promise<EndingPayment[]> {
  const values = [seconds, limit]
  const { rows } = await pool.query<{ attempt_id: string; reservation_id: string; provider_ref: string }>(readEnding, values)
  return rows.map((row) => ({ attemptId: row.attempt_id, reservationId: row.reservation_id, ref: row.provider_ref }))
}
