import type { Pool } from "pg"
import readOldestUnpublished from "./statements/read-oldest-unpublished.sql"
import readWatermarks from "./statements/read-watermarks.sql"

/** A ledger entry that the relay has not published yet. */
export type Unpublished = {
  readonly sku_id: string
  readonly seq: number
  readonly kind: string
  readonly age_ms: number
}

/** The watermark of each partition of a topic that has one. @throws PostgreSQL's errors */
export async function watermarksOf(pool: Pool, topic: string): Promise<ReadonlyMap<number, number>> {
  const { rows } = await pool.query<{ partition: number; next_offset: number }>(readWatermarks, [topic])
  return new Map(rows.map(({ partition, next_offset }) => [partition, next_offset]))
}

/** The oldest entry that is not published yet; undefined when everything is. @throws PostgreSQL's errors */
export async function oldestUnpublished(pool: Pool): Promise<Unpublished | undefined> {
  const { rows } = await pool.query<Unpublished>(readOldestUnpublished)
  return rows[0]
}
