import type { Instant } from "../../domain/reservation.ts"

/**
 * PostgreSQL's clock as a process knows it: a moment that it has certainly passed. What PostgreSQL said when it was asked, and the time since
 * the answer came, by a local clock that nobody sets: what the wall clock of this machine shows does not matter, however wrong it is (ADR 0026).
 * A process that was frozen is behind until it has asked again.
 */
export interface DatabaseClock {
  /** Notes what PostgreSQL's clock showed in an answer that came at `receivedAtMs` of the local clock; the latest answer counts. */
  note(asOf: Instant, receivedAtMs: number): void
  /** A moment that PostgreSQL's clock has passed; 0 before the first answer. */
  now(): Instant
}

/** @param nowMs the local clock: it never goes back and nobody sets it */
export function createDatabaseClock(nowMs: () => number): DatabaseClock {
  let known: { readonly asOf: Instant; readonly receivedAtMs: number } | undefined
  return {
    note(asOf, receivedAtMs) {
      if (known === undefined || receivedAtMs >= known.receivedAtMs) known = { asOf, receivedAtMs }
    },
    now: () => (known === undefined ? 0 : known.asOf + Math.floor(Math.max(0, nowMs() - known.receivedAtMs) * 1_000)),
  }
}
