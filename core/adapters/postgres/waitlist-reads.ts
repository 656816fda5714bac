import type { Pool } from "pg"
import { createConcurrencyLimit } from "../../concurrency/concurrency-limit.ts"
import readWaitlistPlace from "./statements/read-waitlist-place.sql"

/** Places on waitlists that a process looks up at once: a courtesy, which must not keep decisions from being read. */
export const maxPlaceReads = 4

export interface WaitlistReads {
  /** How many wait before an entry; undefined when it does not wait any more, or when that cannot be told now. Never throws. */
  ahead(id: string): Promise<number | undefined>
}

export function createWaitlistReads(pool: Pick<Pool, "query">, maxConcurrent = maxPlaceReads): WaitlistReads {
  const gate = createConcurrencyLimit(maxConcurrent)
  return {
    async ahead(id) {
      try {
        const { rows } = await gate(() => pool.query<{ ahead: number }>(readWaitlistPlace, [id]))
        return rows[0]?.ahead
      } catch {
        // The answer is as true without it.
        return undefined
      }
    },
  }
}
