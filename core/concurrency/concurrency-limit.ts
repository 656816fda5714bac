import { Overloaded } from "../domain/errors.ts"

/**
 * Reads of PostgreSQL that a process makes or queues at once. Without Redis all reads go there, and they must not overload it.
 */
const maxConcurrentReads = 64
/** A read that takes longer is aborted. Its shopper asks again. */
export const readTimeoutMs = 2_000

/** Runs a bounded number of calls at once. @throws Overloaded when as many run already; it does not queue */
export type ConcurrencyLimit = <T>(call: () => Promise<T>) => Promise<T>

export function createConcurrencyLimit(maxConcurrent = maxConcurrentReads): ConcurrencyLimit {
  let running = 0
  return async (call) => {
    if (running >= maxConcurrent) throw new Overloaded(`${maxConcurrent} calls run already`, { retryAfterSeconds: 1 })
    running += 1
    try {
      return await call()
    } finally {
      running -= 1
    }
  }
}
