import type { Pool } from "pg"
import clearRetriesStatement from "./statements/pay-clear-retries.sql"
import readSetAsideStatement from "./statements/pay-read-set-aside.sql"
import setAsideStatement from "./statements/pay-set-aside.sql"

/** What is tried again with a payment; see core/database/migrations/0010_money.sql. */
export type PaymentWork = "capture" | "give-back" | "complete"

/** How long work waits for its next try: not at all after the first, then `firstSeconds`, doubled with each try up to `longestSeconds`. */
export interface Pauses {
  readonly firstSeconds: number
  readonly longestSeconds: number
}

/** Of an error so much is kept: the rest is in the log. */
const maxErrorLength = 300

/** Sets payments aside until they are tried again. `error` is absent when there was nothing to do yet. @throws PostgreSQL's errors */
export async function setAside(
  pool: Pool,
  work: PaymentWork,
  attemptIds: readonly string[],
  { firstSeconds, longestSeconds }: Pauses,
  error?: unknown,
): Promise<void> {
  if (attemptIds.length === 0) return
  await pool.query(setAsideStatement, [work, attemptIds, reasonOf(error), firstSeconds, longestSeconds])
}

const reasonOf = (error: unknown): string | null => (error === undefined ? null : String(error).slice(0, maxErrorLength))

/** Forgets the tries of work that is done. @throws PostgreSQL's errors */
export async function clearRetries(pool: Pool): Promise<void> {
  await pool.query(clearRetriesStatement)
}

/** Payments whose last try failed: how many, and for how long the oldest has been failing, in milliseconds. @throws PostgreSQL's errors */
export async function readSetAside(pool: Pool): Promise<{ payments: number; ageMs: number }> {
  const { rows } = await pool.query<{ payments: number; age_ms: number }>(readSetAsideStatement)
  return { payments: rows[0]?.payments ?? 0, ageMs: rows[0]?.age_ms ?? 0 }
}
