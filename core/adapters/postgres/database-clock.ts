import type { Instant } from "../../domain/reservation.ts"

/**
 * PostgreSQL's clock as a process knows it: a moment that this clock has certainly passed. It is the last time that PostgreSQL
 * returned, plus the time since that answer by a monotonic local clock. The wall clock of this machine does not matter, even when
 * it is wrong (ADR 0026). A process that was frozen is behind until PostgreSQL answers again.
 */
export interface DatabaseClock {
  /** Records the time in an answer of PostgreSQL that came at `receivedAtMs` of the local clock; the latest answer counts. */
  note(asOf: Instant, receivedAtMs: number): void
  /** A moment that PostgreSQL's clock has passed; 0 before the first answer. */
  now(): Instant
}

/** @param nowMs the local clock; it must be monotonic */
export function createDatabaseClock(nowMs: () => number): DatabaseClock {
  let known: { readonly asOf: Instant; readonly receivedAtMs: number } | undefined
  return {
    note(asOf, receivedAtMs) {
      if (known === undefined || receivedAtMs >= known.receivedAtMs) known = { asOf, receivedAtMs }
    },
    now: () => (known === undefined ? 0 : known.asOf + Math.floor(Math.max(0, nowMs() - known.receivedAtMs) * 1_000)),
  }
}
