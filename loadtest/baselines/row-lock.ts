import { outcomeCodes } from "../../core/domain/reservation.ts"
import { insertRefusal, type Method, outcomeOf, prepared } from "./method.ts"

const lockStock = prepared(
  "row-lock-stock",
  "SELECT total_stock - reserved_count AS available FROM inventory WHERE sku_no = $1 FOR UPDATE",
)

/** A separate statement: the locking one would see the tables as they were before its wait for the lock. */
const readRequest = prepared(
  "row-lock-request",
  `SELECT (SELECT outcome FROM reservations WHERE id = $1) AS decided,
          EXISTS (SELECT FROM reservations WHERE sku_no = $2 AND user_id = $3 AND outcome = 1) AS holds`,
)

const reserve = prepared(
  "row-lock-reserve",
  `WITH taken AS (UPDATE inventory SET reserved_count = reserved_count + 1 WHERE sku_no = $1)
   INSERT INTO reservations (expires_at, sku_no, outcome, quantity, id, user_id)
   VALUES (clock_timestamp() + interval '1 hour', $1, 1, 1, $2, $3)`,
)

/**
 * Pessimistic: one transaction a request under `SELECT ... FOR UPDATE`. Two round trips, because statements are pipelined.
 */
export const rowLock: Method = async (client, { id, userId, skuNo }) => {
  const [, stock, request] = await Promise.all([
    client.query("BEGIN"),
    lockStock<{ available: number }>(client, [skuNo]),
    readRequest<{ decided: number | null; holds: boolean }>(client, [id, skuNo, userId]),
  ])
  const [known] = request.rows
  const available = stock.rows[0]?.available ?? 0
  if (known?.decided != null) {
    await client.query("COMMIT")
    return { outcome: known.decided, attempts: 1 }
  }
  const outcome = outcomeOf({ holds: known?.holds ?? false, available })
  const write =
    outcome === outcomeCodes.reserved ? reserve(client, [skuNo, id, userId]) : insertRefusal(client, [skuNo, outcome, id, userId])
  await Promise.all([write, client.query("COMMIT")])
  return { outcome, attempts: 1 }
}
