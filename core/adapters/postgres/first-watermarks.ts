import type { Pool } from "pg"
import type { TopicDefinition } from "../../contracts/topics.ts"
import { bigint, integerArray, text } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import firstWatermarksText from "./statements/first-watermarks.sql"

const firstWatermarks = statement(firstWatermarksText, { topic: text, partitions: integerArray, first: bigint })

/**
 * Writes the first watermark of partitions that have none: the first offset of the topic's generation. An existing watermark
 * stays. @throws PostgreSQL's errors
 */
export async function writeFirstWatermarks(
  pool: Pool,
  { name: topic, firstOffset: first = 0 }: Pick<TopicDefinition, "name" | "firstOffset">,
  partitions: readonly number[],
): Promise<void> {
  await pool.query(firstWatermarks({ topic, partitions, first }))
}
