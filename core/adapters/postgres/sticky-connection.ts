import type { Pool, PoolClient } from "pg"
import { type FailureKind, failureKind } from "../failure-kind.ts"

/** Errors of a server that works: one of our checks refused the statement, and the connection can be used again. */
const guardKinds: ReadonlySet<FailureKind> = new Set(["watermark", "no-watermark", "conflict", "frozen", "mode"])

/**
 * One connection for statements that must run in the order in which they are sent. It returns to the pool as soon as nothing is
 * in flight. After any failure of the server it is closed: it may lead to a server that was demoted.
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
