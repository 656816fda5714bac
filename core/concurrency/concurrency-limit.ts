import { problem } from "../contracts/problems.ts"

/** Reads of PostgreSQL that a process has under way or waiting at once; what Redis would have answered must not drown the database. */
const maxConcurrentReads = 64
/** A read that takes longer is given up: its shopper asks again. */
export const readTimeoutMs = 2_000

/** Lets a bounded number of reads through. @throws ProblemError temporarily-unavailable when it is full */
export type ConcurrencyLimit = <T>(read: () => Promise<T>) => Promise<T>

export function createConcurrencyLimit(maxConcurrent = maxConcurrentReads): ConcurrencyLimit {
  let under = 0
  return async (read) => {
    if (under >= maxConcurrent) throw problem("temporarily-unavailable", { retryAfterSeconds: 1 })
    under += 1
    try {
      return await read()
    } finally {
      under -= 1
    }
  }
}
