import type { Instant } from "./reservation.ts"
import type { Limits } from "./token-bucket.ts"

/** What the database has done since its statistics began. */
export interface Activity {
  /** Transactions that have ended. */
  readonly ended: number
  /** Transactions that wrote, or began to. */
  readonly writing: number
  readonly at: Instant
}

/** Activity of less than this, in microseconds, says nothing: the server adds up its counters once a second. */
const leastSpanUs = 1_000_000

/**
 * Reads a second between two moments: the transactions that wrote nothing. A read is one statement and a transaction of its own;
 * a statement that answers many shoppers counts once, because it costs PostgreSQL once.
 *
 * @returns undefined when the moments are too close, or the server began to count again in between
 */
export function readsPerSecondBetween(before: Activity, now: Activity): number | undefined {
  const spanUs = now.at - before.at
  const ended = now.ended - before.ended
  if (spanUs < leastSpanUs || ended < 0) return undefined
  const reads = Math.max(0, ended - Math.max(0, now.writing - before.writing))
  return (reads * 1_000_000) / spanUs
}

/** When the limits of admission change by themselves. */
export interface SteeringRates {
  /** Above this they are tightened at once. */
  readonly tightenAboveReadsPerSecond: number
  /** They go back to normal once the reads have stayed below this, and Redis was complete, for `calmMs`. */
  readonly calmBelowReadsPerSecond: number
  readonly calmMs: number
}

export const steeringRates: SteeringRates = {
  tightenAboveReadsPerSecond: 5_000,
  calmBelowReadsPerSecond: 2_500,
  calmMs: 30_000,
}

/** What the limits were, and since when nothing speaks for tight ones. */
export interface Steering {
  readonly limits: Limits
  readonly calmSince?: Instant
}

/**
 * The limits after one more measurement. There are two rates and a time, because tight limits lower the reads: with one rate
 * they would change back and forth.
 */
export function steer(
  { limits, calmSince }: Steering,
  { readsPerSecond, isRedisComplete, at }: { readsPerSecond: number; isRedisComplete: boolean; at: Instant },
  { tightenAboveReadsPerSecond, calmBelowReadsPerSecond, calmMs } = steeringRates,
): Steering {
  if (readsPerSecond > tightenAboveReadsPerSecond) return { limits: "tight" }
  if (limits === "normal") return { limits }
  if (readsPerSecond >= calmBelowReadsPerSecond || !isRedisComplete) return { limits }
  const since = calmSince ?? at
  return at - since >= calmMs * 1_000 ? { limits: "normal" } : { limits, calmSince: since }
}
