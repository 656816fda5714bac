import type { Pool } from "pg"
import type { RefundOrigin } from "../../domain/refunds.ts"
import type { OrderStatus } from "../../domain/sale.ts"
import { bigint, integer, text, textArray, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import hasOrdersText from "./statements/refund-has-orders.sql"
import readPaidText from "./statements/refund-read-paid.sql"
import readUnknownText from "./statements/refund-read-unknown.sql"
import recordText from "./statements/refund-record.sql"

const hasOrders = statement(hasOrdersText, {})
const readUnknown = statement(readUnknownText, { refs: textArray })
const readPaid = statement(readPaidText, { attempt_id: uuid })
const record = statement(recordText, {
  refund_id: uuid,
  order_id: uuid,
  sku_no: integer,
  amount_minor: bigint,
  currency: text,
  origin: text,
  reason: text,
  provider_ref: text,
})

/** The order of a payment. */
export interface PaidOrder {
  readonly orderId: string
  readonly skuNo: number
  readonly status: OrderStatus
  readonly amountMinor: number
  readonly currency: string
  readonly attemptId: string
  readonly paymentRef?: string
}

/** The order of an attempt; undefined when the attempt has none. @throws PostgreSQL's errors, as every function here */
export async function readOrderOfAttempt(pool: Pool, attemptId: string): Promise<PaidOrder | undefined> {
  const { rows } = await pool.query<{
    order_id: string
    sku_no: number
    status: OrderStatus
    amount_minor: number
    currency: string
    attempt_id: string
    payment_ref: string | null
  }>(readPaid({ attempt_id: attemptId }))
  const [row] = rows
  return (
    row && {
      orderId: row.order_id,
      skuNo: row.sku_no,
      status: row.status,
      amountMinor: row.amount_minor,
      currency: row.currency,
      attemptId: row.attempt_id,
      ...(row.payment_ref !== null && { paymentRef: row.payment_ref }),
    }
  )
}

/** A refund or a dispute that was made at the provider. */
export interface FoundRefund {
  readonly refundId: string
  readonly amountMinor: number
  readonly origin: Exclude<RefundOrigin, "operator">
  readonly reason: string
  readonly ref: string
}

/** Records a refund that was made at the provider. @returns true when it was not known */
export async function recordFound(pool: Pool, { orderId, skuNo, currency }: PaidOrder, found: FoundRefund): Promise<boolean> {
  const { rowCount } = await pool.query(
    record({
      refund_id: found.refundId,
      order_id: orderId,
      sku_no: skuNo,
      amount_minor: found.amountMinor,
      currency,
      origin: found.origin,
      reason: found.reason,
      provider_ref: found.ref,
    }),
  )
  return rowCount === 1
}

/** Whether any order is paid, or was. */
export async function hasPaidOrders(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ has_orders: boolean }>(hasOrders({}))
  return rows[0]?.has_orders ?? false
}

/** Of the provider's names of refunds, those that are not known here. */
export async function readUnknownRefs(pool: Pool, refs: readonly string[]): Promise<Set<string>> {
  if (refs.length === 0) return new Set()
  const { rows } = await pool.query<{ ref: string }>(readUnknown({ refs }))
  return new Set(rows.map(({ ref }) => ref))
}
