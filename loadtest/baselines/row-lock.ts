import { type Method, prepared } from "./method.ts"

const decide = prepared("row-lock-decide", "SELECT decide_under_lock($1, $2, $3) AS outcome")

/**
 * Pessimistic: one transaction a request under `SELECT ... FOR UPDATE`, all of it in one call of the server (decide_under_lock in
 * schema.sql). The same in two pipelined round trips, deciding here, holds the lock for a trip longer and was slower at every count.
 */
export const rowLock: Method = async (client, { id, userId, skuNo }) => {
  const { rows } = await decide<{ outcome: number }>(client, [skuNo, id, userId])
  return { outcome: rows[0]?.outcome ?? 0, attempts: 1 }
}
