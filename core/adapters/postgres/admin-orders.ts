import type { Pool } from "pg"
import type { AdminOrder } from "../../contracts/http/refunds.ts"
import type { OrderStatus } from "../../domain/sale.ts"
import { integer, text, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import readAdminOrderText from "./statements/read-admin-order.sql"
import readOversoldText from "./statements/read-oversold.sql"

const readOrderById = statement(readAdminOrderText, { order_id: uuid })
const readOversoldOrders = statement(readOversoldText, { sku_id: text, limit: integer })

interface AdminOrderRow extends Omit<AdminOrder, "created_at" | "refunded_at" | "refunds"> {
  readonly created_at: Date
  readonly refunded_at: Date | null
}

/** An order without its refunds; undefined when there is none. @throws PostgreSQL's errors, as every function here */
export async function readAdminOrder(pool: Pool, orderId: string): Promise<Omit<AdminOrder, "refunds"> | undefined> {
  const { rows } = await pool.query<AdminOrderRow>(readOrderById({ order_id: orderId }))
  const [row] = rows
  if (row === undefined) return undefined
  const { created_at: createdAt, refunded_at: refundedAt, ...rest } = row
  return { ...rest, created_at: createdAt.toISOString(), refunded_at: refundedAt?.toISOString() ?? null }
}

/** A SKU's counters, and the orders above its total. */
export interface Oversold {
  readonly total: number
  readonly reserved: number
  readonly sold: number
  /** Units held or sold above the total. */
  readonly excess: number
  readonly at: Date
  /** The newest first. */
  readonly orders: readonly OversoldOrder[]
}

export interface OversoldOrder {
  readonly orderId: string
  readonly quantity: number
  /** What is left of the payment. */
  readonly amountMinor: number
  readonly currency: string
  readonly status: OrderStatus
  readonly createdAt: Date
  /** Units of newer orders. */
  readonly unitsBefore: number
}

interface OversoldRow {
  total_stock: number
  reserved_count: number
  sold_count: number
  excess: number
  planned_at: Date
  order_id: string | null
  quantity: number
  amount_minor: number
  currency: string
  status: OrderStatus
  created_at: Date
  units_before: number
}

/** The orders of a SKU above its total; undefined when there is no such SKU. */
export async function readOversold(pool: Pool, skuId: string, limit: number): Promise<Oversold | undefined> {
  const { rows } = await pool.query<OversoldRow>(readOversoldOrders({ sku_id: skuId, limit }))
  const [first] = rows
  if (first === undefined) return undefined
  return {
    total: first.total_stock,
    reserved: first.reserved_count,
    sold: first.sold_count,
    excess: first.excess,
    at: first.planned_at,
    orders: rows.flatMap((row) =>
      row.order_id === null
        ? []
        : {
            orderId: row.order_id,
            quantity: row.quantity,
            amountMinor: row.amount_minor,
            currency: row.currency,
            status: row.status,
            createdAt: row.created_at,
            unitsBefore: row.units_before,
          },
    ),
  }
}
