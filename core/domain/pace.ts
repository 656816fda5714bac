/** A turn for a call to a service with a rate limit. */
export type Turn =
  | { readonly kind: "turn"; readonly waitMs: number; readonly nextFreeMs: number }
  /** The wait would be too long. Another try may find a turn after `retryAfterMs`. */
  | { readonly kind: "full"; readonly retryAfterMs: number }

/**
 * Gives the next free turn, if the wait for it is not too long. Turns are `intervalMs` apart. The Redis script `take-turn`
 * follows the same rule.
 *
 * @param nextFreeMs time of the next free turn; undefined when no turn was given yet
 */
export function takeTurn(nextFreeMs: number | undefined, nowMs: number, intervalMs: number, longestWaitMs: number): Turn {
  const atMs = Math.max(nextFreeMs ?? nowMs, nowMs)
  const waitMs = atMs - nowMs
  return waitMs > longestWaitMs ? { kind: "full", retryAfterMs: waitMs } : { kind: "turn", waitMs, nextFreeMs: atMs + intervalMs }
}
