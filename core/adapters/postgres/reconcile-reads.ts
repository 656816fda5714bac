import type { Pool } from "pg"
import type { AttemptStatus } from "../../domain/checkout.ts"
import type { KnownPayment, TableFigures } from "../../domain/reconcile.ts"
import type { OrderStatus } from "../../domain/sale.ts"
import { int4Array, uuidArray } from "./binary-arrays.ts"
import { bigint, integer, nullable, text, textArray, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import ordersText from "./statements/reconcile-orders.sql"
import paymentsText from "./statements/reconcile-payments.sql"
import quarantinedText from "./statements/reconcile-quarantined.sql"
import refundsText from "./statements/reconcile-refunds.sql"
import salesText from "./statements/reconcile-sales.sql"
import skusText from "./statements/reconcile-skus.sql"

const readSkus = statement(skusText, { sku_ids: nullable(textArray), seconds: integer, limit: integer })
const readSales = statement(salesText, { sku_nos: int4Array, overdue_seconds: integer, limit: integer })
const readQuarantined = statement(quarantinedText, { topic: text, partition: integer, first: bigint, last: bigint })
const readPayments = statement(paymentsText, { attempt_ids: uuidArray, reservation_ids: uuidArray })
const readOrders = statement(ordersText, {
  sku_nos: int4Array,
  seconds: integer,
  grace_seconds: integer,
  after: uuid,
  limit: integer,
})
const readRefunds = statement(refundsText, { refs: textArray, payment_refs: textArray, states: textArray, sku_nos: int4Array })

/**
 * The numbers of the SKUs of these names, or of those whose ledger grew within `seconds`; at most `limit`.
 * @throws PostgreSQL's errors, as every function here
 */
export async function reconciledSkus(
  pool: Pool,
  skuIds: readonly string[] | undefined,
  seconds: number,
  limit: number,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ sku_no: number; sku_id: string }>(readSkus({ sku_ids: skuIds, seconds, limit }))
  return new Map(rows.map(({ sku_id, sku_no }) => [sku_id, sku_no]))
}

/** What the tables say of one SKU. */
export interface SaleTables extends TableFigures {
  readonly skuNo: number
  readonly skuId: string
  readonly partition: number
  /** Closed and at rest: Redis may have forgotten it. */
  readonly isOver: boolean
  readonly overdueIds: readonly string[]
  readonly ordersPending: number
  readonly ordersCaptured: number
  readonly refundedMinor: number
}

type SaleRow = {
  readonly sku_id: string
  readonly is_head: boolean
  readonly is_over: boolean
  readonly overdue_ids: string[]
} & {
  readonly [Figure in
    | `inventory_${"seq" | "total" | "reserved" | "sold" | "waitlisted" | "decided"}`
    | `rows_${"decided" | "reserved" | "sold" | "waitlisted" | "held"}`
    | `orders_${"sold" | "pending" | "captured" | "refunded_minor"}`
    | "sku_no"
    | "partition"
    | "units_held"
    | "waiting"
    | "overdue"]: number
} & { readonly [Figure in `ledger_${"seq" | "total" | "reserved" | "sold"}`]: number | null }

/** Reads what the tables say of some SKUs. */
export async function readSaleTables(
  pool: Pool,
  skuNos: readonly number[],
  { overdueSeconds, limit }: { readonly overdueSeconds: number; readonly limit: number },
): Promise<SaleTables[]> {
  const { rows } = await pool.query<SaleRow>(readSales({ sku_nos: skuNos, overdue_seconds: overdueSeconds, limit }))
  return rows.map((row) => ({
    ...{ skuNo: row.sku_no, skuId: row.sku_id, partition: row.partition, isOver: row.is_over },
    inventory: {
      ...{ decided: row.inventory_decided, total: row.inventory_total, reserved: row.inventory_reserved },
      ...{ sold: row.inventory_sold, waitlisted: row.inventory_waitlisted, seq: row.inventory_seq },
    },
    ledger: {
      ...{ total: row.ledger_total ?? 0, reserved: row.ledger_reserved ?? 0, sold: row.ledger_sold ?? 0 },
      seq: row.ledger_seq ?? 0,
    },
    reservations: {
      ...{ decided: row.rows_decided, reserved: row.rows_reserved, sold: row.rows_sold },
      ...{ waitlisted: row.rows_waitlisted, held: row.rows_held },
    },
    holdings: { held: row.units_held },
    waitlist: { waitlisted: row.waiting },
    orders: { sold: row.orders_sold },
    ...{ isHead: row.is_head, overdue: row.overdue, overdueIds: row.overdue_ids },
    ...{ ordersPending: row.orders_pending, ordersCaptured: row.orders_captured, refundedMinor: row.orders_refunded_minor },
  }))
}

/** The offsets of a span of a partition that are in quarantine. */
export async function quarantinedOffsets(
  pool: Pool,
  topic: string,
  partition: number,
  first: number,
  last: number,
): Promise<number[]> {
  const { rows } = await pool.query<{ offset: number }>(readQuarantined({ topic, partition, first, last }))
  return rows.map(({ offset }) => offset)
}

/** A payment as its metadata names it. */
export interface NamedPayment {
  readonly attemptId: string
  readonly reservationId: string
}

/** What the tables know of a payment; `skuNo` is absent when its reservation is not of this system. */
export interface PaymentRow extends KnownPayment {
  readonly skuNo?: number
  readonly orderId?: string
}

/** What the tables know of payments, in their order. */
export async function knownPayments(pool: Pool, payments: readonly NamedPayment[]): Promise<PaymentRow[]> {
  const { rows } = await pool.query<{
    sku_no: number | null
    attempt_status: AttemptStatus | null
    is_settled: boolean
    order_id: string | null
    order_status: OrderStatus | null
  }>(
    readPayments({
      attempt_ids: payments.map(({ attemptId }) => attemptId),
      reservation_ids: payments.map(({ reservationId }) => reservationId),
    }),
  )
  return rows.map((row) => ({
    isSettled: row.is_settled,
    ...(row.sku_no !== null && { skuNo: row.sku_no }),
    ...(row.attempt_status !== null && { attempt: row.attempt_status }),
    ...(row.order_id !== null && { orderId: row.order_id }),
    ...(row.order_status !== null && { order: row.order_status }),
  }))
}

const lowestUuid = "00000000-0000-0000-0000-000000000000"
const ordersPerPage = 1_000

/** An order whose money the provider must have. */
export interface ExpectedOrder {
  readonly orderId: string
  readonly attemptId: string
  readonly skuNo: number
}

/** The orders whose money the provider must have, page by page. */
export async function* expectedOrders(
  pool: Pool,
  skuNos: readonly number[],
  { seconds, graceSeconds }: { readonly seconds: number; readonly graceSeconds: number },
): AsyncGenerator<readonly ExpectedOrder[]> {
  for (let after = lowestUuid; ; ) {
    const asked = { sku_nos: skuNos, seconds, grace_seconds: graceSeconds, after, limit: ordersPerPage }
    const { rows } = await pool.query<{ order_id: string; attempt_id: string; sku_no: number }>(readOrders(asked))
    yield rows.map((row) => ({ orderId: row.order_id, attemptId: row.attempt_id, skuNo: row.sku_no }))
    const last = rows.at(-1)
    if (last === undefined || rows.length < ordersPerPage) return
    after = last.order_id
  }
}

/** A refund of the provider that the tables do not have in its state. */
export interface UnknownRefund {
  readonly paymentRef: string
  readonly orderId: string
  readonly skuNo: number
}

/** Of refunds of the provider, those that the tables do not have in that state. */
export async function differingRefunds(
  pool: Pool,
  skuNos: readonly number[],
  refunds: readonly { readonly ref: string; readonly paymentRef: string; readonly status: string }[],
): Promise<UnknownRefund[]> {
  const { rows } = await pool.query<{ payment_ref: string; order_id: string; sku_no: number }>(
    readRefunds({
      refs: refunds.map(({ ref }) => ref),
      payment_refs: refunds.map(({ paymentRef }) => paymentRef),
      states: refunds.map(({ status }) => status),
      sku_nos: skuNos,
    }),
  )
  return rows.map((row) => ({ paymentRef: row.payment_ref, orderId: row.order_id, skuNo: row.sku_no }))
}
