import type { Pool, PoolClient } from "pg"
import { failureKind } from "./transaction-errors.ts"

/** One connection for what must be done in the order it was sent; it goes back to the pool as soon as nothing is in flight. */
export function stickyConnection(pool: Pool) {
  let taken: Promise<PoolClient> | undefined
  let inFlight = 0
  let broken = false
  return {
    async use<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
      inFlight += 1
      taken ??= pool.connect()
      const connection = taken
      try {
        return await work(await connection)
      } catch (error) {
        broken ||= failureKind(error) === "unavailable"
        throw error
      } finally {
        inFlight -= 1
        if (inFlight === 0) {
          taken = undefined
          const wasBroken = broken
          broken = false
          await connection.then((client) => client.release(wasBroken)).catch(() => {})
        }
      }
    },
  }
}
