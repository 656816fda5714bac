import type { Pool, PoolClient } from "pg"

/**
 * A connection of a pool that is opened after this call began. It closes idle connections that the pool offers first: they may
 * lead to a server that was demoted. @throws the errors of PostgreSQL and of the network
 */
export async function openFreshConnection(pool: Pool): Promise<PoolClient> {
  const opened = new WeakSet<PoolClient>()
  const note = (client: PoolClient) => opened.add(client)
  pool.on("connect", note)
  try {
    for (;;) {
      const client = await pool.connect()
      if (opened.has(client)) return client
      client.release(true)
    }
  } finally {
    pool.off("connect", note)
  }
}
