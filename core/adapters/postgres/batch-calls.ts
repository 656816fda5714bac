import type { Pool } from "pg"
import noteBatchCallStatement from "./statements/note-batch-call.sql"

/**
 * Remembers what the key of a batch call stands for.
 * @returns false when it stands for other items
 * @throws PostgreSQL's errors
 */
export async function noteBatchCall(pool: Pool, callId: string, bodyHash: Buffer): Promise<boolean> {
  const { rowCount } = await pool.query(noteBatchCallStatement, [callId, bodyHash])
  return rowCount === 1
}
