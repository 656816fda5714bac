import type { Pool } from "pg"
import { integerArray, text } from "./parameter-types.ts"
import { statement } from "./statement.ts"
import firstWatermarksText from "./statements/first-watermarks.sql"

const firstWatermarks = statement(firstWatermarksText, { topic: text, partitions: integerArray })

/** Writes the watermark 0 for partitions that have none; an existing watermark stays. @throws PostgreSQL's errors */
export async function writeFirstWatermarks(pool: Pool, topic: string, partitions: readonly number[]): Promise<void> {
  await pool.query(firstWatermarks({ topic, partitions }))
}
