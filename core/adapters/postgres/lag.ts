import type { Pool } from "pg"
import type { Instant } from "../../domain/reservation.ts"
import { text } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import readFrozenPartitionsText from "./statements/read-frozen-partitions.sql"
import readMovingSkusText from "./statements/read-moving-skus.sql"
import readOldestUnpublishedText from "./statements/read-oldest-unpublished.sql"
import readWatermarksText from "./statements/read-watermarks.sql"

const readFrozenPartitions = statement(readFrozenPartitionsText, {})
const readMovingSkus = statement(readMovingSkusText, {})
const readOldestUnpublished = statement(readOldestUnpublishedText, {})
const readWatermarks = statement(readWatermarksText, { topic: text })

/** A ledger entry that the relay has not published yet. */
export type Unpublished = {
  readonly sku_id: string
  readonly seq: number
  readonly kind: string
  readonly age_ms: number
}

/** How far the partitions of a topic are decided, as of one moment. */
export interface Progress {
  /** By partition; absent where there is none. */
  readonly watermarks: ReadonlyMap<number, number>
  /** Undefined when no partition has a watermark. */
  readonly now?: Instant
}

/** The watermark of each partition of a topic that has one. @throws PostgreSQL's errors */
export async function readProgress(pool: Pool, topic: string): Promise<Progress> {
  const { rows } = await pool.query<{ partition: number; next_offset: number; now: string }>(readWatermarks({ topic }))
  const [first] = rows
  return {
    watermarks: new Map(rows.map(({ partition, next_offset }) => [partition, next_offset])),
    ...(first && { now: Number(first.now) }),
  }
}

/** The oldest entry that is not published yet; undefined when everything is. @throws PostgreSQL's errors */
export async function oldestUnpublished(pool: Pool): Promise<Unpublished | undefined> {
  const { rows } = await pool.query<Unpublished>(readOldestUnpublished({}))
  return rows[0]
}

/** The partitions that operators stopped: their records wait until a sale is resumed. @throws PostgreSQL's errors */
export async function frozenPartitions(pool: Pool): Promise<ReadonlySet<number>> {
  const { rows } = await pool.query<{ partition: number }>(readFrozenPartitions({}))
  return new Set(rows.map(({ partition }) => partition))
}

/** The SKUs in motion by partition; those that moved last come first. @throws PostgreSQL's errors */
export async function movingSkus(pool: Pool): Promise<ReadonlyMap<number, readonly string[]>> {
  const { rows } = await pool.query<{ sku_id: string; partition: number }>(readMovingSkus({}))
  const byPartition = Map.groupBy(rows, ({ partition }) => partition)
  return new Map([...byPartition].map(([partition, skus]) => [partition, skus.map(({ sku_id }) => sku_id)]))
}
