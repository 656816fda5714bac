import type { Pool } from "pg"
import { bytes, uuid } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import recordBatchCallText from "./statements/record-batch-call.sql"

const recordCall = statement(recordBatchCallText, { call_id: uuid, body_hash: bytes })

/**
 * Records what the key of a batch call stands for.
 * @returns false when it stands for other items
 * @throws PostgreSQL's errors
 */
export async function recordBatchCall(pool: Pool, callId: string, bodyHash: Buffer): Promise<boolean> {
  const { rowCount } = await pool.query(recordCall({ call_id: callId, body_hash: bodyHash }))
  return rowCount === 1
}
