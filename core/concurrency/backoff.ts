/**
 * Milliseconds to wait after so many failures in a row: twice as long after each, up to `maxMs`. Up to half of it is left out at
 * random: callers that failed together then retry at different times.
 */
export function backoffMs(failures: number, firstMs: number, maxMs: number): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.max(0, failures - 1))
  return fullMs * (1 - Math.random() / 2)
}
