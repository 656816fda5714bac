import type { Pool, PoolClient } from "pg"
import { type FailureKind, failureKind } from "../failure-kind.ts"

/** Answers of a server that is well: a guard of ours refused the statement, and the connection is as good as before. */
const guardKinds: ReadonlySet<FailureKind> = new Set(["watermark", "no-watermark", "conflict", "frozen", "mode"])

/**
 * One connection for what must be done in the order it was sent; it goes back to the pool as soon as nothing is in flight. After any
 * illness it is destroyed: it may lead to a server that was demoted.
 */
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
        broken ||= !guardKinds.has(failureKind(error))
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
