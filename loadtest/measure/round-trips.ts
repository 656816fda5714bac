import type { Pool, PoolClient } from "pg"

/** The part of pg's connection that is observed: a simple query, a Sync, and the server's answer to each of them. */
interface Wire {
  query(text: string): void
  sync(): void
  on(event: "readyForQuery", listener: () => void): void
}

/** Counts round trips on every connection that a pool opens from now on. */
export interface RoundTrips {
  watch(pool: Pool): void
  readonly count: number
}

/**
 * A round trip is a group of statements that are sent at once: in one turn of the event loop, without an answer between them. A
 * batch that is pipelined behind an unanswered one is a separate group. A round trip is counted when pg sends Sync, or a simple
 * query such as BEGIN.
 */
export function countRoundTrips(): RoundTrips {
  let count = 0
  return {
    watch: (pool) =>
      void pool.on("connect", (client: PoolClient) => {
        const wire = (client as unknown as { connection: Wire }).connection
        const { query, sync } = wire
        let unanswered = 0
        let isSameTurn = false
        const sent = () => {
          if (unanswered === 0 || !isSameTurn) count += 1
          unanswered += 1
          if (isSameTurn) return
          isSameTurn = true
          setImmediate(() => {
            isSameTurn = false
          })
        }
        wire.query = (text) => {
          sent()
          query.call(wire, text)
        }
        wire.sync = () => {
          sent()
          sync.call(wire)
        }
        wire.on("readyForQuery", () => {
          unanswered -= 1
        })
      }),
    get count() {
      return count
    },
  }
}
