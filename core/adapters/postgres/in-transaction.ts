import type { Pool, PoolClient } from "pg"

/**
 * Does work in a transaction on one connection, and commits it. @param work sends its statements with the client: the pool may
 * have no other connection
 * @throws what the work throws, and PostgreSQL's errors; then nothing is committed
 */
export async function inTransaction<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  let failure: unknown
  try {
    await client.query("BEGIN")
    const result = await work(client)
    await client.query("COMMIT")
    return result
  } catch (error) {
    failure = error
    await client.query("ROLLBACK").catch(() => {})
    throw error
  } finally {
    // A connection that failed may be in an unknown state: the pool closes it.
    client.release(failure !== undefined)
  }
}
