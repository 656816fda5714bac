import type { Pool, PoolClient } from "pg"

/**
 * A connection of a pool that was opened after this call began. Idle ones that the pool offers first are closed: they may still lead to
 * a server that was demoted. @throws PostgreSQL's and the network's errors
 */
export async function connectAfresh(pool: Pool): Promise<PoolClient> {
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
