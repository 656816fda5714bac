import type { Pool } from "pg"
import { int8Array, uuidArray } from "./binary-arrays.ts"
import readAccounted from "./statements/read-accounted.sql"

/**
 * The offsets of redelivered records that have neither a decision nor a quarantine row although the watermark has passed them.
 * Any such offset means that offsets lie: the topic was recreated, or the database restored to an earlier time.
 */
export async function unaccountedOffsets(
  pool: Pool,
  topic: string,
  partition: number,
  records: readonly { readonly offset: number; readonly id: string | undefined }[],
): Promise<number[]> {
  const { rows } = await pool.query<{ offset: string }>({
    name: "read-accounted",
    text: readAccounted,
    values: [topic, partition, int8Array(records.map(({ offset }) => offset)), uuidArray(records.map(({ id }) => id))],
  })
  return rows.map(({ offset }) => Number(offset))
}
