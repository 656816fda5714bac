/** A turn for a call to a service with a rate limit. */
export type Turn =
  | { readonly kind: "turn"; readonly waitMs: number }
  /** The wait would be too long. Another try may find a turn after `retryAfterMs`. */
  | { readonly kind: "full"; readonly retryAfterMs: number }

export interface TurnRules {
  /** Time between two turns. */
  readonly intervalMs: number
  readonly longestWaitMs: number
  /** For how long from now no call may be made, of this caller or another: the service has just refused one. */
  readonly pauseMs?: number
}

/**
 * Gives the next free turn, if the wait for it is not too long. The Redis script `take-turn` follows the same rule.
 *
 * @param nextFreeMs time of the next free turn; undefined when no turn was given yet
 * @returns the turn, and the time of the next free turn after it
 */
export function takeTurn(
  nextFreeMs: number | undefined,
  nowMs: number,
  { intervalMs, longestWaitMs, pauseMs = 0 }: TurnRules,
): { readonly turn: Turn; readonly nextFreeMs: number } {
  const atMs = Math.max(nextFreeMs ?? nowMs, nowMs + pauseMs)
  const waitMs = atMs - nowMs
  return waitMs > longestWaitMs
    ? { turn: { kind: "full", retryAfterMs: waitMs }, nextFreeMs: atMs }
    : { turn: { kind: "turn", waitMs }, nextFreeMs: atMs + intervalMs }
}
