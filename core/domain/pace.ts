/** A place among the calls to somebody who takes only so many a second. */
export type Turn =
  | { readonly kind: "turn"; readonly waitMs: number; readonly nextFreeMs: number }
  /** The wait would be too long; there may be room again after `retryAfterMs`. */
  | { readonly kind: "full"; readonly retryAfterMs: number }

/**
 * Gives out turns that are `intervalMs` apart: the next free one, if the wait for it is not too long. The Redis script `take-turn` does the same.
 *
 * @param nextFreeMs when the next turn is free; undefined when none was given out yet
 */
export function takeTurn(nextFreeMs: number | undefined, nowMs: number, intervalMs: number, longestWaitMs: number): Turn {
  const atMs = Math.max(nextFreeMs ?? nowMs, nowMs)
  const waitMs = atMs - nowMs
  return waitMs > longestWaitMs ? { kind: "full", retryAfterMs: waitMs } : { kind: "turn", waitMs, nextFreeMs: atMs + intervalMs }
}
