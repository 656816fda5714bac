import type { Pool } from "pg"
import { integer, nullable, text, textArray } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import clearRetriesText from "./statements/pay-clear-retries.sql"
import readFailingText from "./statements/pay-read-failing.sql"
import scheduleRetriesText from "./statements/pay-schedule-retries.sql"

const deleteDoneRetries = statement(clearRetriesText, {})
const readFailing = statement(readFailingText, {})
const scheduleRetries = statement(scheduleRetriesText, {
  work: text,
  attempt_ids: textArray,
  error: nullable(text),
  first_seconds: integer,
  longest_seconds: integer,
})

/** The kinds of work on a payment that are tried again; see core/database/migrations/0010_money.sql. */
export type PaymentWork = "capture" | "give-back" | "complete"

/**
 * How long work waits for its next try: not at all after the first, then `firstSeconds`, doubled with each try up to
 * `longestSeconds`.
 */
export interface Pauses {
  readonly firstSeconds: number
  readonly longestSeconds: number
}

/** So much of an error is kept; the rest is in the log. */
const maxErrorLength = 300

/** Schedules the next try of payments. `error` is absent when there was nothing to do yet. @throws PostgreSQL's errors */
export async function setAside(
  pool: Pool,
  work: PaymentWork,
  attemptIds: readonly string[],
  { firstSeconds, longestSeconds }: Pauses,
  error?: unknown,
): Promise<void> {
  if (attemptIds.length === 0) return
  await pool.query(
    scheduleRetries({
      work,
      attempt_ids: attemptIds,
      error: reasonOf(error),
      first_seconds: firstSeconds,
      longest_seconds: longestSeconds,
    }),
  )
}

const reasonOf = (error: unknown): string | null => (error === undefined ? null : String(error).slice(0, maxErrorLength))

/** Deletes the retries of work that is done. @throws PostgreSQL's errors */
export async function clearRetries(pool: Pool): Promise<void> {
  await pool.query(deleteDoneRetries({}))
}

/**
 * Payments whose last try failed: how many, and for how long the oldest has been failing, in milliseconds. @throws PostgreSQL's
 * errors
 */
export async function readSetAside(pool: Pool): Promise<{ payments: number; ageMs: number }> {
  const { rows } = await pool.query<{ payments: number; age_ms: number }>(readFailing({}))
  return { payments: rows[0]?.payments ?? 0, ageMs: rows[0]?.age_ms ?? 0 }
}
