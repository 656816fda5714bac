import type { Pool } from "pg"
import type { RefundOrigin } from "../../domain/refunds.ts"
import type { OrderStatus, RefundState } from "../../domain/sale.ts"
import { bigint, boolean, bytes, integer, nullable, text, uuid } from "./parameter-types.ts"
import type { Pauses } from "./payment-retries.ts"
import { statement } from "./statement.ts"
import answerText from "./statements/refund-answer.sql"
import readText from "./statements/refund-read.sql"
import readDueText from "./statements/refund-read-due.sql"
import readFailingText from "./statements/refund-read-failing.sql"
import readOfOrderText from "./statements/refund-read-of-order.sql"
import requestText from "./statements/refund-request.sql"

const request = statement(requestText, {
  refund_id: uuid,
  request_hash: bytes,
  order_id: uuid,
  amount_minor: nullable(bigint),
  reason: text,
  return_unit: boolean,
  requested_by: uuid,
})
const read = statement(readText, { refund_id: uuid })
const readOfOrder = statement(readOfOrderText, { order_id: uuid })
const readDue = statement(readDueText, { limit: integer })
const readFailing = statement(readFailingText, {})
const answer = statement(answerText, {
  refund_id: uuid,
  state: text,
  provider_ref: nullable(text),
  error: nullable(text),
  first_seconds: integer,
  longest_seconds: integer,
})

/** A refund as it is now, with what is needed of its order and its payment. */
export interface RefundRecord {
  readonly refundId: string
  readonly orderId: string
  readonly skuNo: number
  readonly amountMinor: number
  readonly currency: string
  readonly origin: RefundOrigin
  readonly reason: string
  readonly returnUnit: boolean
  readonly state: RefundState
  /** The provider's name of the refund; absent until the provider has answered. */
  readonly ref?: string
  readonly failureCode?: string
  readonly requestedAt: Date
  readonly settledAt?: Date
  readonly orderStatus: OrderStatus
  /** The money of the order that went back, by all its refunds. */
  readonly refundedMinor: number
  readonly attemptId: string
  /** The provider's name of the payment. */
  readonly paymentRef: string
}

interface RefundRow {
  refund_id: string
  order_id: string
  sku_no: number
  amount_minor: number
  currency: string
  origin: RefundOrigin
  reason: string
  return_unit: boolean
  state: RefundState
  provider_ref: string | null
  failure_code: string | null
  requested_at: Date
  settled_at: Date | null
  order_status: OrderStatus
  refunded_minor: number
  attempt_id: string
  payment_ref: string | null
}

const recordOf = (row: RefundRow): RefundRecord => ({
  refundId: row.refund_id,
  orderId: row.order_id,
  skuNo: row.sku_no,
  amountMinor: row.amount_minor,
  currency: row.currency,
  origin: row.origin,
  reason: row.reason,
  returnUnit: row.return_unit,
  state: row.state,
  ...(row.provider_ref !== null && { ref: row.provider_ref }),
  ...(row.failure_code !== null && { failureCode: row.failure_code }),
  requestedAt: row.requested_at,
  ...(row.settled_at !== null && { settledAt: row.settled_at }),
  orderStatus: row.order_status,
  refundedMinor: row.refunded_minor,
  attemptId: row.attempt_id,
  // An order is made of a payment whose name is known.
  paymentRef: row.payment_ref ?? "",
})

/** What an operator asks for. */
export interface AskedRefund {
  readonly refundId: string
  readonly requestHash: Buffer
  readonly orderId: string
  /** Absent: all that is left. */
  readonly amountMinor?: number | undefined
  readonly reason: string
  readonly returnUnit: boolean
  readonly requestedBy: string
}

/** How a request for a refund was taken; see core/database/functions/request_refund.sql. */
export type RefundRequestOutcome =
  | "recorded"
  | "repeated"
  | "reused"
  | "not-found"
  | "not-paid"
  | "in-progress"
  | "refunded"
  | "too-large"

/** Records a refund before the provider is asked for it. @throws PostgreSQL's errors, as every function here */
export async function recordRequest(
  pool: Pool,
  asked: AskedRefund,
): Promise<{ outcome: RefundRequestOutcome; leftMinor: number }> {
  const { rows } = await pool.query<{ outcome: RefundRequestOutcome; left_minor: number }>(
    request({
      refund_id: asked.refundId,
      request_hash: asked.requestHash,
      order_id: asked.orderId,
      amount_minor: asked.amountMinor,
      reason: asked.reason,
      return_unit: asked.returnUnit,
      requested_by: asked.requestedBy,
    }),
  )
  return { outcome: rows[0]?.outcome ?? "not-found", leftMinor: rows[0]?.left_minor ?? 0 }
}

/** A refund; undefined when there is none. */
export async function readRefund(pool: Pool, refundId: string): Promise<RefundRecord | undefined> {
  const { rows } = await pool.query<RefundRow>(read({ refund_id: refundId }))
  return rows[0] && recordOf(rows[0])
}

/** The refunds of an order, the oldest first. */
export async function readRefundsOf(pool: Pool, orderId: string): Promise<RefundRecord[]> {
  return (await pool.query<RefundRow>(readOfOrder({ order_id: orderId }))).rows.map(recordOf)
}

/** Refunds about which the provider is to be asked, the longest due first. */
export async function readDueRefunds(pool: Pool, limit: number): Promise<RefundRecord[]> {
  return (await pool.query<RefundRow>(readDue({ limit }))).rows.map(recordOf)
}

/** What the provider answered about a refund that is not finished. */
export interface RefundAnswer {
  readonly state: "UNKNOWN" | "PENDING"
  readonly ref?: string
  readonly error?: unknown
}

/** So much of an error is kept; the rest is in the log. */
const maxErrorLength = 300

/** Records an answer of the provider, and when it is asked next. */
export async function recordAnswer(
  pool: Pool,
  refundId: string,
  { state, ref, error }: RefundAnswer,
  { firstSeconds, longestSeconds }: Pauses,
): Promise<void> {
  await pool.query(
    answer({
      refund_id: refundId,
      state,
      provider_ref: ref,
      error: error === undefined ? undefined : String(error).slice(0, maxErrorLength),
      first_seconds: firstSeconds,
      longest_seconds: longestSeconds,
    }),
  )
}

/** Refunds that are not finished because a try failed: how many, and for how long the oldest, in milliseconds. */
export async function readFailingRefunds(pool: Pool): Promise<{ refunds: number; ageMs: number }> {
  const { rows } = await pool.query<{ refunds: number; age_ms: number }>(readFailing({}))
  return { refunds: rows[0]?.refunds ?? 0, ageMs: rows[0]?.age_ms ?? 0 }
}
