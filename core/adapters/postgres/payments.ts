import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import type { Pool, QueryConfig } from "pg"
import { backoffMs } from "../../concurrency/backoff.ts"
import { readTimeoutMs } from "../../concurrency/concurrency-limit.ts"
import type { AttemptStatus, CheckoutFacts, PaymentAttempt } from "../../domain/checkout.ts"
import { ownerOf } from "../../domain/ids.ts"
import { outcomeOf, stateOf } from "../../domain/reservation.ts"
import { isUnavailable } from "../failure-kind.ts"
import { integer, nullable, text, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import abandonText from "./statements/pay-abandon.sql"
import abandonEndedText from "./statements/pay-abandon-ended.sql"
import abandonFailedText from "./statements/pay-abandon-failed.sql"
import authoriseText from "./statements/pay-authorise.sql"
import confirmText from "./statements/pay-confirm.sql"
import declineText from "./statements/pay-decline.sql"
import readCaptureText from "./statements/pay-read-capture.sql"
import readCheckoutText from "./statements/pay-read-checkout.sql"
import readUncapturedText from "./statements/pay-read-uncaptured.sql"
import readUnsettledText from "./statements/pay-read-unsettled.sql"
import recordAttemptText from "./statements/pay-record-attempt.sql"
import requireActionText from "./statements/pay-require-action.sql"
import settleAbandonedText from "./statements/pay-settle-abandoned.sql"

// The statements of a checkout have a name, so that a connection plans each once: to plan the reading of a checkout takes 0.2 ms
// and to execute it 0.03 ms, and a checkout reads four times. Their roles have fixed plans (ADR 0003), which are right on empty
// tables, too. The statements of the reconciler are planned each time.
const readCheckoutOf = statement(
  readCheckoutText,
  { reservation_id: uuid, user_id: uuid, owner: integer, attempt_id: uuid },
  "pay-read-checkout",
)
const insertAttempt = statement(
  recordAttemptText,
  { attempt_id: uuid, reservation_id: uuid, user_id: uuid, body_hash: integer },
  "pay-record-attempt",
)
const authorise = statement(authoriseText, { attempt_id: uuid, provider_ref: text }, "pay-authorise")
const requireAction = statement(requireActionText, { attempt_id: uuid, provider_ref: text }, "pay-require-action")
const decline = statement(declineText, { attempt_id: uuid, decline_code: text }, "pay-decline")
const abandonFailed = statement(abandonFailedText, { attempt_id: uuid, decline_code: text }, "pay-abandon-failed")
const confirm = statement(
  confirmText,
  { reservation_id: uuid, user_id: uuid, attempt_id: uuid, order_id: uuid, call_id: uuid },
  "pay-confirm",
)
const readCaptureOf = statement(readCaptureText, { order_id: uuid }, "pay-read-capture")
const abandon = statement(abandonText, { attempt_id: uuid })
const abandonEnded = statement(abandonEndedText, { limit: integer })
const settleAbandoned = statement(settleAbandonedText, { attempt_id: uuid, provider_ref: nullable(text) })
const readUnsettled = statement(readUnsettledText, { visible_after_seconds: integer, limit: integer })
const readUncaptured = statement(readUncapturedText, { min_age_seconds: integer, limit: integer })

/** The ids of a checkout. */
export interface CheckoutIds {
  readonly reservationId: string
  readonly userId: string
  readonly attemptId: string
}

/** A payment of an attempt, as far as it is known. */
export interface AbandonedAttempt {
  readonly attemptId: string
  readonly reservationId: string
  readonly providerRef?: string
  /** So much time has passed that a payment that cannot be found does not exist. */
  readonly lastLook: boolean
}

/** The facts that a capture of an order's money needs. */
export interface CaptureFacts {
  readonly orderId: string
  readonly skuNo: number
  readonly attemptId: string
  readonly reservationId: string
  /** The provider's name of the payment; an order without one cannot be captured, and should not exist. */
  readonly providerRef?: string
}

interface CheckoutRow {
  state: number
  outcome: number
  sku_no: number
  overdue: boolean
  attempt_id: string | null
  attempt_status: AttemptStatus
  body_hash: number
  amount_minor: number
  currency: string
  provider_ref: string | null
  decline_code: string | null
  settled: boolean
  other_attempt_open: boolean
}

/** The facts of a checkout and the SKU it concerns. */
export type CheckoutNow = CheckoutFacts & { readonly skuNo: number }

/**
 * The state of a checkout; undefined when the user has no such reservation. It has the timeout of a read: when the database
 * hangs, the shopper gets an answer after two seconds and not after ten. @throws PostgreSQL's errors, as every function here
 */
export async function readCheckout(pool: Pool, ids: CheckoutIds): Promise<CheckoutNow | undefined> {
  const impatient = { ...readingOf(ids), query_timeout: readTimeoutMs }
  const { rows } = await pool.query<CheckoutRow>(impatient)
  return factsOf(rows)
}

const readingOf = ({ reservationId, userId, attemptId }: CheckoutIds): QueryConfig =>
  readCheckoutOf({ reservation_id: reservationId, user_id: userId, owner: ownerOf(userId), attempt_id: attemptId })

function factsOf([row]: readonly CheckoutRow[]): CheckoutNow | undefined {
  if (row === undefined) return undefined
  const attempt = attemptOf(row)
  return {
    skuNo: row.sku_no,
    reservation: { state: stateOf(row.state), outcome: outcomeOf(row.outcome), overdue: row.overdue },
    ...(attempt && { attempt }),
    otherAttemptOpen: row.other_attempt_open,
  }
}

/**
 * Writes a step of a checkout and reads its state. Each statement is a transaction of its own, as if sent one after the other,
 * but both are sent together: one round trip, when the pool pipelines.
 */
async function writeThenRead(pool: Pool, ids: CheckoutIds, step: QueryConfig): Promise<CheckoutNow | undefined> {
  const client = await pool.connect()
  let broken = true
  try {
    const [, { rows }] = await Promise.all([client.query(step), client.query<CheckoutRow>(readingOf(ids))])
    broken = false
    return factsOf(rows)
  } finally {
    client.release(broken)
  }
}

function attemptOf(row: CheckoutRow): PaymentAttempt | undefined {
  if (row.attempt_id === null) return undefined
  return {
    attemptId: row.attempt_id,
    status: row.attempt_status,
    bodyHash: row.body_hash,
    amountMinor: row.amount_minor,
    currency: row.currency,
    settled: row.settled,
    ...(row.provider_ref !== null && { providerRef: row.provider_ref }),
    ...(row.decline_code !== null && { declineCode: row.decline_code }),
  }
}

/** Opens the attempt, unless the hold has ended or an attempt is open. @returns the state of the checkout now */
export function recordAttempt(pool: Pool, ids: CheckoutIds, bodyHash: number): Promise<CheckoutNow | undefined> {
  const { attemptId: attempt_id, reservationId: reservation_id, userId: user_id } = ids
  return writeThenRead(pool, ids, insertAttempt({ attempt_id, reservation_id, user_id, body_hash: bodyHash }))
}

/** Records that the provider holds the money of an attempt. @returns the state of the checkout now */
export const recordAuthorised = (pool: Pool, ids: CheckoutIds, providerRef: string): Promise<CheckoutNow | undefined> =>
  writeThenRead(pool, ids, authorise({ attempt_id: ids.attemptId, provider_ref: providerRef }))

/** Records that the shopper must authenticate with the provider. @returns the state of the checkout now */
export const recordActionRequired = (pool: Pool, ids: CheckoutIds, providerRef: string): Promise<CheckoutNow | undefined> =>
  writeThenRead(pool, ids, requireAction({ attempt_id: ids.attemptId, provider_ref: providerRef }))

/** Records that the provider declined an attempt. @returns the state of the checkout now */
export const recordDeclined = (pool: Pool, ids: CheckoutIds, code: string): Promise<CheckoutNow | undefined> =>
  writeThenRead(pool, ids, decline({ attempt_id: ids.attemptId, decline_code: code }))

/** Abandons an attempt whose hold has ended; this commits before its payment is given back. */
export async function abandonAttempt(pool: Pool, attemptId: string): Promise<void> {
  await pool.query(abandon({ attempt_id: attemptId }))
}

/**
 * Abandons an attempt for which the provider has recorded a failure, so that another key can pay within the hold.
 * @returns the state of the checkout now
 */
export const abandonFailedAttempt = (pool: Pool, ids: CheckoutIds, code: string): Promise<CheckoutNow | undefined> =>
  writeThenRead(pool, ids, abandonFailed({ attempt_id: ids.attemptId, decline_code: code }))

/** Records that the provider holds nothing more of an abandoned attempt. */
export async function recordGivenBack(pool: Pool, attemptId: string, providerRef?: string): Promise<void> {
  await pool.query(settleAbandoned({ attempt_id: attemptId, provider_ref: providerRef }))
}

/** How often a confirmation is tried when its answer is lost: a repetition gets the answer of the first one. */
const maxConfirmTries = 3
const firstConfirmBackoffMs = 20
const maxConfirmBackoffMs = 100

/** The result of a confirmation; `made` is true for the one call that made the sale, also when it was sent twice. */
export interface Confirmation {
  readonly outcome: "confirmed" | "expired" | "lost"
  readonly made: boolean
}

/** Turns the hold into a sale under the locks: the moment that decides between payment and expiry. */
export async function confirmReservation(
  pool: Pool,
  ids: CheckoutIds & { readonly orderId: string },
  callId: string = randomUUID(),
): Promise<Confirmation> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { rows } = await pool.query<Confirmation>(
        confirm({
          reservation_id: ids.reservationId,
          user_id: ids.userId,
          attempt_id: ids.attemptId,
          order_id: ids.orderId,
          call_id: callId,
        }),
      )
      return rows[0] ?? { outcome: "lost", made: false }
    } catch (error) {
      if (!isUnavailable(error) || tries >= maxConfirmTries) throw error
      await delay(backoffMs(tries, firstConfirmBackoffMs, maxConfirmBackoffMs))
    }
  }
}

interface AbandonedRow {
  attempt_id: string
  reservation_id: string
  provider_ref: string | null
  is_final_try?: boolean
}

const abandonedOf = (row: AbandonedRow): AbandonedAttempt => ({
  attemptId: row.attempt_id,
  reservationId: row.reservation_id,
  lastLook: row.is_final_try ?? false,
  ...(row.provider_ref !== null && { providerRef: row.provider_ref }),
})

/** Abandons attempts that are open although their hold has ended. */
export async function abandonEndedAttempts(pool: Pool, limit: number): Promise<AbandonedAttempt[]> {
  const { rows } = await pool.query<AbandonedRow>(abandonEnded({ limit }))
  return rows.map(abandonedOf)
}

/** Abandoned attempts whose payment was not given back yet, or not found yet. */
export async function readUnsettledAttempts(pool: Pool, visibleAfterSeconds: number, limit: number): Promise<AbandonedAttempt[]> {
  const { rows } = await pool.query<AbandonedRow>(readUnsettled({ visible_after_seconds: visibleAfterSeconds, limit }))
  return rows.map(abandonedOf)
}

interface CaptureRow {
  sku_no: number
  reservation_id: string
  attempt_id: string
  provider_ref: string | null
}

/** The facts for the capture of an order; undefined when there is nothing left to capture. */
export async function readCapture(pool: Pool, orderId: string): Promise<CaptureFacts | undefined> {
  const { rows } = await pool.query<CaptureRow>(readCaptureOf({ order_id: orderId }))
  const [row] = rows
  if (row === undefined) return undefined
  return {
    orderId,
    skuNo: row.sku_no,
    attemptId: row.attempt_id,
    reservationId: row.reservation_id,
    ...(row.provider_ref !== null && { providerRef: row.provider_ref }),
  }
}

/** Orders whose capture is due: never tried and older than `minAgeSeconds`, or with a retry that is due. */
export async function readUncapturedOrders(pool: Pool, minAgeSeconds: number, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ order_id: string }>(readUncaptured({ min_age_seconds: minAgeSeconds, limit }))
  return rows.map((row) => row.order_id)
}
