const secondMs = 1_000

/**
 * Counts the calls of the last second, as the provider's rate limiter does.
 *
 * @returns a function that says whether a call that comes now is over the limit; a refused call does not count
 */
export function createRateLimit(callsPerSecond: number, nowMs: () => number = () => performance.now()): () => boolean {
  const servedAtMs: number[] = []
  return () => {
    const now = nowMs()
    while (servedAtMs[0] !== undefined && servedAtMs[0] <= now - secondMs) servedAtMs.shift()
    if (servedAtMs.length >= callsPerSecond) return true
    servedAtMs.push(now)
    return false
  }
}
