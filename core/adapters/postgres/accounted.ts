import type { Pool } from "pg"
import { int8Array, uuidArray } from "./binary-arrays.ts"
import { integer, text } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import readUnaccountedText from "./statements/read-unaccounted.sql"

const readUnaccounted = statement(
  readUnaccountedText,
  { topic: text, partition: integer, offsets: int8Array, ids: uuidArray },
  "read-unaccounted",
)

/**
 * The offsets of redelivered records that have neither a decision nor a quarantine row although the watermark is above them. Such
 * an offset means that offsets do not belong to this log: the topic was created again, or the database restored to an earlier
 * time.
 * @throws PostgreSQL's errors
 */
export async function unaccountedOffsets(
  pool: Pool,
  topic: string,
  partition: number,
  records: readonly { readonly offset: number; readonly id: string | undefined }[],
): Promise<number[]> {
  const [offsets, ids] = [records.map(({ offset }) => offset), records.map(({ id }) => id)]
  const { rows } = await pool.query<{ offset: string }>(readUnaccounted({ topic, partition, offsets, ids }))
  return rows.map(({ offset }) => Number(offset))
}
