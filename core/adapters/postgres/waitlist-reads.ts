import type { Pool } from "pg"
import { createConcurrencyLimit } from "../../concurrency/concurrency-limit.ts"
import { uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import readWaitlistPositionText from "./statements/read-waitlist-position.sql"

const readWaitlistPosition = statement(readWaitlistPositionText, { id: uuid })

/** Waitlist positions that a process reads at once: they are optional, and must not keep decisions from being read. */
export const maxPositionReads = 4

export interface WaitlistReads {
  /** How many entries are before this one; undefined when it no longer waits, or when the read fails. Never throws. */
  ahead(id: string): Promise<number | undefined>
}

export function createWaitlistReads(pool: Pick<Pool, "query">, maxConcurrent = maxPositionReads): WaitlistReads {
  const gate = createConcurrencyLimit(maxConcurrent)
  return {
    async ahead(id) {
      try {
        const { rows } = await gate(() => pool.query<{ ahead: number }>(readWaitlistPosition({ id })))
        return rows[0]?.ahead
      } catch {
        // The answer to the shopper leaves the position out.
        return undefined
      }
    },
  }
}
