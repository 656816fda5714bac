import type { Pool } from "pg"
import type { Order, OrderList } from "../../contracts/http/checkout.ts"
import { type OrderPageQuery, orderCursor } from "../../contracts/http/pages.ts"
import readOrderStatement from "./statements/pay-read-order.sql"
import readOrdersStatement from "./statements/pay-read-orders.sql"

interface OrderRow extends Omit<Order, "created_at"> {
  created_at: Date
}

/** A page of the user's orders, newest first. @throws PostgreSQL's errors */
export async function readOrders(pool: Pool, userId: string, { limit, cursor }: OrderPageQuery): Promise<OrderList> {
  // One more than is shown tells whether there is a next page.
  const values = [userId, limit + 1, cursor?.at ?? null, cursor?.orderId ?? null]
  const { rows } = await pool.query<OrderRow & { at: number }>(readOrdersStatement, values)
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    items: shown.map(({ at: _, ...row }) => orderOf(row)),
    next: last ? orderCursor({ at: last.at, orderId: last.order_id }) : null,
  }
}

/** One order of the user; undefined when there is none, or it is somebody else's. @throws PostgreSQL's errors */
export async function readOrder(pool: Pool, orderId: string, userId: string): Promise<Order | undefined> {
  const { rows } = await pool.query<OrderRow>(readOrderStatement, [orderId, userId])
  return rows[0] && orderOf(rows[0])
}

const orderOf = (row: OrderRow): Order => ({ ...row, created_at: row.created_at.toISOString() })
