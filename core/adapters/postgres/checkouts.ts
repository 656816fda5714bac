import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import type { Pool, QueryConfig } from "pg"
import { backoffMs } from "../../concurrency/backoff.ts"
import { readTimeoutMs } from "../../concurrency/concurrency-limit.ts"
import type { Order } from "../../contracts/http/checkout.ts"
import type { AttemptStatus, CheckoutFacts, PaymentAttempt } from "../../domain/checkout.ts"
import { orderIdOf, ownerOf } from "../../domain/ids.ts"
import { outcomeOf, stateOf } from "../../domain/reservation.ts"
import { isUnavailable } from "../failure-kind.ts"
import { record } from "../telemetry.ts"
import { watched } from "../watched-call.ts"
import { type OrderRow, orderOf } from "./orders.ts"
import { integer, text, uuid } from "./parameter-types.ts"
import { type ReservationSnapshot, snapshotOf } from "./reservations.ts"
import type { Row } from "./rows.ts"
import { statement } from "./statement.ts"
import abandonFailedText from "./statements/pay-abandon-failed.sql"
import authoriseText from "./statements/pay-authorise.sql"
import confirmText from "./statements/pay-confirm.sql"
import declineText from "./statements/pay-decline.sql"
import openCheckoutText from "./statements/pay-open-checkout.sql"
import readCheckoutText from "./statements/pay-read-checkout.sql"
import requireActionText from "./statements/pay-require-action.sql"

// The statements of a checkout have a name, so that a connection plans each once: to plan the reading of a checkout takes 0.2 ms
// and to execute it 0.03 ms. Their roles have fixed plans (ADR 0003), which are right on empty tables, too.
const facts = { reservation_id: uuid, user_id: uuid, owner: integer, attempt_id: uuid }
const readCheckoutOf = statement(readCheckoutText, facts, "pay-read-checkout")
const open = statement(openCheckoutText, { ...facts, body_hash: integer }, "pay-open-checkout")
const authorise = statement(authoriseText, { attempt_id: uuid, provider_ref: text }, "pay-authorise")
const requireAction = statement(requireActionText, { attempt_id: uuid, provider_ref: text }, "pay-require-action")
const decline = statement(declineText, { attempt_id: uuid, decline_code: text }, "pay-decline")
const abandonFailed = statement(abandonFailedText, { attempt_id: uuid, decline_code: text }, "pay-abandon-failed")
const confirm = statement(
  confirmText,
  { reservation_id: uuid, user_id: uuid, attempt_id: uuid, order_id: uuid, call_id: uuid },
  "pay-confirm",
)

/** The ids of a checkout. */
export interface CheckoutIds {
  readonly reservationId: string
  readonly userId: string
  readonly attemptId: string
}

/** The facts of a checkout and the SKU it concerns. */
export type CheckoutNow = CheckoutFacts & { readonly skuNo: number }

/** A hold that was confirmed: the end of its checkout. */
export interface Sale {
  readonly order: Order
  /** Whether this call made the sale; true for one call, also when it was sent twice. */
  readonly made: boolean
  /** The reservation under the locks of its confirmation. */
  readonly snapshot: ReservationSnapshot
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

/**
 * Opens the attempt, unless it exists, the hold has ended, or another attempt is open.
 *
 * @returns the state of the checkout now, as readCheckout
 */
export function openCheckout(pool: Pool, ids: CheckoutIds, bodyHash: number): Promise<CheckoutNow | undefined> {
  return readFacts(pool, open({ ...factsOf(ids), body_hash: bodyHash }))
}

/**
 * The state of a checkout; undefined when the user has no such reservation. @throws PostgreSQL's errors, as every function here
 */
export const readCheckout = (pool: Pool, ids: CheckoutIds): Promise<CheckoutNow | undefined> =>
  readFacts(pool, readCheckoutOf(factsOf(ids)))

/** With the timeout of a read: when the database hangs, the shopper gets an answer after two seconds and not after ten. */
async function readFacts(pool: Pool, query: QueryConfig): Promise<CheckoutNow | undefined> {
  const impatient = { ...query, query_timeout: readTimeoutMs }
  const { rows } = await pool.query<CheckoutRow>(impatient)
  return checkoutOf(rows)
}

const factsOf = ({ reservationId, userId, attemptId }: CheckoutIds) => ({
  reservation_id: reservationId,
  user_id: userId,
  owner: ownerOf(userId),
  attempt_id: attemptId,
})

function checkoutOf([row]: readonly CheckoutRow[]): CheckoutNow | undefined {
  if (row === undefined) return undefined
  const attempt = attemptOf(row)
  return {
    skuNo: row.sku_no,
    reservation: { state: stateOf(row.state), outcome: outcomeOf(row.outcome), overdue: row.overdue },
    ...(attempt && { attempt }),
    otherAttemptOpen: row.other_attempt_open,
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

/** Records that the provider holds the money of an attempt, and confirms nothing. @returns the state of the checkout now */
export const recordAuthorised = (pool: Pool, ids: CheckoutIds, providerRef: string): Promise<CheckoutNow | undefined> =>
  writeThenRead(pool, ids, authorise({ attempt_id: ids.attemptId, provider_ref: providerRef }))

/** Records that the shopper must authenticate with the provider. @returns the state of the checkout now */
export const recordActionRequired = (pool: Pool, ids: CheckoutIds, providerRef: string): Promise<CheckoutNow | undefined> =>
  writeThenRead(pool, ids, requireAction({ attempt_id: ids.attemptId, provider_ref: providerRef }))

/** Records that the provider declined an attempt. @returns the state of the checkout now */
export const recordDeclined = (pool: Pool, ids: CheckoutIds, code: string): Promise<CheckoutNow | undefined> =>
  writeThenRead(pool, ids, decline({ attempt_id: ids.attemptId, decline_code: code }))

/**
 * Abandons an attempt for which the provider has recorded a failure, so that another key can pay within the hold.
 * @returns the state of the checkout now
 */
export const abandonFailedAttempt = (pool: Pool, ids: CheckoutIds, code: string): Promise<CheckoutNow | undefined> =>
  writeThenRead(pool, ids, abandonFailed({ attempt_id: ids.attemptId, decline_code: code }))

/** Writes a step of a checkout and reads its state. */
async function writeThenRead(pool: Pool, ids: CheckoutIds, step: QueryConfig): Promise<CheckoutNow | undefined> {
  const [, { rows }] = await sendTogether<CheckoutRow>(pool, step, readCheckoutOf(factsOf(ids)))
  return checkoutOf(rows)
}

/** How often a confirmation is sent when its answer is lost: a repetition gets the answer of the first one. */
const maxConfirmTries = 3
const firstConfirmBackoffMs = 20
const maxConfirmBackoffMs = 100

interface ConfirmedRow extends OrderRow {
  confirmation: "confirmed" | "expired" | "lost"
  made: boolean
  lock_wait_ms: number | null
  id: string
}

/**
 * Turns the hold of an authorised attempt into a sale under the locks: the moment that decides between payment and expiry.
 *
 * @returns the sale, or the state of the checkout now when there is none
 */
export const confirmReservation = (pool: Pool, ids: CheckoutIds): Promise<Sale | CheckoutNow | undefined> =>
  confirmWith(pool, ids, async (query) => (await pool.query<ConfirmedRow>(query)).rows)

/**
 * Records that the provider holds the money of an attempt, and confirms the hold. The record is a transaction of its own and
 * commits first: if the confirmation fails, the reconciler finds an authorised attempt and completes it.
 *
 * @returns the sale, or the state of the checkout now when there is none: the hold has ended, or the attempt was abandoned
 */
export function confirmAuthorised(pool: Pool, ids: CheckoutIds, providerRef: string): Promise<Sale | CheckoutNow | undefined> {
  const recorded = authorise({ attempt_id: ids.attemptId, provider_ref: providerRef })
  return confirmWith(pool, ids, async (query) => (await sendTogether<ConfirmedRow>(pool, recorded, query))[1].rows)
}

async function confirmWith(
  pool: Pool,
  ids: CheckoutIds,
  send: (query: QueryConfig) => Promise<readonly ConfirmedRow[]>,
): Promise<Sale | CheckoutNow | undefined> {
  const { reservationId: reservation_id, userId: user_id, attemptId: attempt_id } = ids
  const order_id = orderIdOf(reservation_id)
  const query = confirm({ reservation_id, user_id, attempt_id, order_id, call_id: randomUUID() })
  for (let tries = 1; ; tries += 1) {
    try {
      const [row] = await watched("database", () => send(query))
      if (row?.lock_wait_ms != null) record("database.lock.wait", Math.max(0, row.lock_wait_ms))
      return row?.confirmation === "confirmed" ? saleOf(row) : readCheckout(pool, ids)
    } catch (error) {
      if (!isUnavailable(error) || tries >= maxConfirmTries) throw error
      await delay(backoffMs(tries, firstConfirmBackoffMs, maxConfirmBackoffMs))
    }
  }
}

function saleOf(row: ConfirmedRow): Sale {
  const { made, order_id, id, sku_id, quantity, amount_minor, currency, status, created_at } = row
  const order = { order_id, reservation_id: id, sku_id, quantity, amount_minor, currency, status, created_at }
  return { made, order: orderOf(order), snapshot: snapshotOf([row as unknown as Row]) }
}

/**
 * Sends two statements together: one round trip, when the pool pipelines. Each is a transaction of its own, as if sent one after
 * the other.
 */
async function sendTogether<LastRow extends object>(pool: Pool, first: QueryConfig, last: QueryConfig) {
  const client = await pool.connect()
  let broken = true
  try {
    const answers = await Promise.all([client.query(first), client.query<LastRow>(last)])
    broken = false
    return answers
  } finally {
    client.release(broken)
  }
}
