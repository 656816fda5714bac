import type { Admin } from "kafkajs"
import type { Pool } from "pg"
import type { TopicDefinition } from "../../contracts/topics.ts"
import { writeFirstWatermarks } from "../postgres/first-watermarks.ts"

/** Writes the first watermarks of a topic that is about to be created. `pool` acts as flash_provisioner. */
export async function watermarkNewTopic(pool: Pool, topic: TopicDefinition): Promise<void> {
  await writeFirstWatermarks(
    pool,
    topic,
    Array.from({ length: topic.partitions }, (_, partition) => partition),
  )
}

/**
 * Writes the first watermarks of topics that another tool creates (on AWS, CloudFormation), before or after this call. It writes
 * them for partitions that do not exist yet or have never held a record. If a partition has held records and has no watermark,
 * the database was lost: it gets none, so that the writer stops.
 */
export async function watermarkUnusedPartitions(
  admin: Admin,
  pool: Pool,
  definitions: readonly TopicDefinition[],
): Promise<void> {
  const existing = new Set(await admin.listTopics())
  for (const topic of definitions.filter(({ watermarked }) => watermarked)) {
    const offsets = existing.has(topic.name) ? await admin.fetchTopicOffsets(topic.name) : []
    const used = new Set(offsets.filter(({ high }) => high !== "0").map(({ partition }) => partition))
    // A topic may have more partitions than the table says, never fewer.
    const partitions = Math.max(topic.partitions, offsets.length)
    const unused = Array.from({ length: partitions }, (_, partition) => partition).filter((partition) => !used.has(partition))
    await writeFirstWatermarks(pool, topic, unused)
  }
}
