import type { Pool } from "pg"
import type { Order } from "../../contracts/http/checkout.ts"
import readOrderStatement from "./statements/pay-read-order.sql"
import readOrdersStatement from "./statements/pay-read-orders.sql"

/** A list of orders is never longer; a shopper's limit per sale keeps it far shorter. */
export const maxOrdersListed = 100

interface OrderRow extends Omit<Order, "created_at"> {
  created_at: Date
}

/** The user's orders, newest first. @throws PostgreSQL's errors */
export async function readOrders(pool: Pool, userId: string): Promise<Order[]> {
  const values = [userId, maxOrdersListed]
  const { rows } = await pool.query<OrderRow>(readOrdersStatement, values)
  return rows.map(orderOf)
}

/** One order of the user; undefined when there is none, or it is somebody else's. @throws PostgreSQL's errors */
export async function readOrder(pool: Pool, orderId: string, userId: string): Promise<Order | undefined> {
  const { rows } = await pool.query<OrderRow>(readOrderStatement, [orderId, userId])
  return rows[0] && orderOf(rows[0])
}

const orderOf = (row: OrderRow): Order => ({ ...row, created_at: row.created_at.toISOString() })
