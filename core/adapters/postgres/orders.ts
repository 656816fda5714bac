import type { Pool } from "pg"
import type { Order, OrderList } from "../../contracts/http/checkout.ts"
import { type OrderPageQuery, orderCursor } from "../../contracts/http/pages.ts"
import type { RefundState } from "../../domain/sale.ts"
import { bigint, integer, nullable, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import readOrderText from "./statements/pay-read-order.sql"
import readOrdersText from "./statements/pay-read-orders.sql"

const readOrderOfUser = statement(readOrderText, { order_id: uuid, user_id: uuid })
const readOrderPage = statement(readOrdersText, {
  user_id: uuid,
  limit: integer,
  after_at: nullable(bigint),
  after_order_id: nullable(uuid),
})

/** A row of an order as the driver returns it. */
export interface OrderRow extends Omit<Order, "created_at" | "refunded_minor" | "refunded_at" | "refund_status"> {
  created_at: Date
}

/** A row of an order with what became of its refunds; without a refund these columns are null. */
interface ShownOrderRow extends OrderRow {
  refunded_minor: number | null
  refunded_at: Date | null
  refund_state: RefundState | null
}

/** A page of the user's orders, newest first. @throws PostgreSQL's errors */
export async function readOrders(pool: Pool, userId: string, { limit, cursor }: OrderPageQuery): Promise<OrderList> {
  // One more than is shown tells whether there is a next page.
  const { rows } = await pool.query<ShownOrderRow & { at: number }>(
    readOrderPage({ user_id: userId, limit: limit + 1, after_at: cursor?.at, after_order_id: cursor?.orderId }),
  )
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    items: shown.map(({ at: _, ...row }) => shownOrderOf(row)),
    next: last ? orderCursor({ at: last.at, orderId: last.order_id }) : null,
  }
}

/** One order of the user; undefined when there is none, or it belongs to another user. @throws PostgreSQL's errors */
export async function readOrder(pool: Pool, orderId: string, userId: string): Promise<Order | undefined> {
  const { rows } = await pool.query<ShownOrderRow>(readOrderOfUser({ order_id: orderId, user_id: userId }))
  return rows[0] && shownOrderOf(rows[0])
}

export const orderOf = (row: OrderRow): Order => ({ ...row, created_at: row.created_at.toISOString() })

function shownOrderOf({ refunded_minor: refunded, refunded_at: at, refund_state: state, ...row }: ShownOrderRow): Order {
  return {
    ...orderOf(row),
    ...(refunded !== null && { refunded_minor: refunded }),
    ...(at !== null && { refunded_at: at.toISOString() }),
    ...(state !== null && { refund_status: state === "SUCCEEDED" || state === "FAILED" ? state : "PENDING" }),
  }
}
