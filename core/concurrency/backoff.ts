/**
 * Milliseconds to wait after so many failures in a row: twice as long each time, up to `maxMs`. A random half of it is left out,
 * so that callers that failed together do not come back together.
 */
export function backoffMs(failures: number, firstMs: number, maxMs: number): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.max(0, failures - 1))
  return fullMs * (1 - Math.random() / 2)
}
