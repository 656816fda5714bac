import type { Pool } from "pg"
import { batchPerTick } from "../../concurrency/batch-per-tick.ts"
import { uuidArray } from "./binary-arrays.ts"
import { integer, nullable, text, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import abandonText from "./statements/pay-abandon.sql"
import abandonEndedText from "./statements/pay-abandon-ended.sql"
import readCaptureText from "./statements/pay-read-capture.sql"
import readUncapturedText from "./statements/pay-read-uncaptured.sql"
import readUnsettledText from "./statements/pay-read-unsettled.sql"
import settleAbandonedText from "./statements/pay-settle-abandoned.sql"

// The reading of a capture has a name, so that a connection plans it once (checkouts.ts). The statements of the reconciler are
// planned each time.
const readCaptureOf = statement(readCaptureText, { order_ids: uuidArray }, "pay-read-capture")
const abandon = statement(abandonText, { attempt_id: uuid })
const abandonEnded = statement(abandonEndedText, { limit: integer })
const settleAbandoned = statement(settleAbandonedText, { attempt_id: uuid, provider_ref: nullable(text) })
const readUnsettled = statement(readUnsettledText, { visible_after_seconds: integer, limit: integer })
const readUncaptured = statement(readUncapturedText, { min_age_seconds: integer, limit: integer })

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

/** Abandons an attempt whose hold has ended; this commits before its payment is given back. @throws PostgreSQL's errors, as every
 * function here */
export async function abandonAttempt(pool: Pool, attemptId: string): Promise<void> {
  await pool.query(abandon({ attempt_id: attemptId }))
}

/** Records that the provider holds nothing more of an abandoned attempt. */
export async function recordGivenBack(pool: Pool, attemptId: string, providerRef?: string): Promise<void> {
  await pool.query(settleAbandoned({ attempt_id: attemptId, provider_ref: providerRef }))
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
  order_id: string
  sku_no: number
  reservation_id: string
  attempt_id: string
  provider_ref: string | null
}

type ReadCapture = (orderId: string) => Promise<CaptureFacts | undefined>
const capturesOf = new WeakMap<Pool, ReadCapture>()

/**
 * The facts for the capture of an order; undefined when there is nothing left to capture. One statement reads all orders that are
 * asked for in one turn of the event loop: the captures of a delivery begin together.
 */
export function readCapture(pool: Pool, orderId: string): Promise<CaptureFacts | undefined> {
  const read = capturesOf.get(pool) ?? batchPerTick((orderIds) => readCaptures(pool, orderIds))
  capturesOf.set(pool, read)
  return read(orderId)
}

/** @returns the facts in the order of the ids */
async function readCaptures(pool: Pool, orderIds: readonly string[]): Promise<(CaptureFacts | undefined)[]> {
  const { rows } = await pool.query<CaptureRow>(readCaptureOf({ order_ids: orderIds }))
  const found = new Map(rows.map((row) => [row.order_id, row]))
  return orderIds.map((orderId) => {
    const row = found.get(orderId)
    if (row === undefined) return undefined
    return {
      orderId,
      skuNo: row.sku_no,
      attemptId: row.attempt_id,
      reservationId: row.reservation_id,
      ...(row.provider_ref !== null && { providerRef: row.provider_ref }),
    }
  })
}

/** Orders whose capture is due: never tried and older than `minAgeSeconds`, or with a retry that is due. */
export async function readUncapturedOrders(pool: Pool, minAgeSeconds: number, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ order_id: string }>(readUncaptured({ min_age_seconds: minAgeSeconds, limit }))
  return rows.map((row) => row.order_id)
}
