import { type Method, prepared } from "./method.ts"

const decide = prepared("row-lock-call-decide", "SELECT decide_under_lock($1, $2, $3) AS outcome")

/**
 * The same lock, with everything in one call of the server (decide_under_lock in schema.sql). No round trip happens while the
 * lock is held.
 */
export const rowLockCall: Method = async (client, { id, userId, skuNo }) => {
  const { rows } = await decide<{ outcome: number }>(client, [skuNo, id, userId])
  return { outcome: rows[0]?.outcome ?? 0, attempts: 1 }
}
