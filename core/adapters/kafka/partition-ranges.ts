import type { Admin } from "kafkajs"
import type { PartitionRange } from "../../domain/replay.ts"

/** The committed offsets of a group in a topic, by partition; kafkajs answers -1 where there is none. */
export const committedIn = (
  partitions: readonly { readonly partition: number; readonly offset: string }[],
): ReadonlyMap<number, number> =>
  new Map(partitions.flatMap(({ partition, offset }) => (Number(offset) < 0 ? [] : [[partition, Number(offset)] as const])))

/** The partitions of a topic in order, each with what a group has committed. @throws kafkajs' errors */
export async function rangesOf(admin: Admin, topic: string, committed: ReadonlyMap<number, number>): Promise<PartitionRange[]> {
  const offsets = await admin.fetchTopicOffsets(topic)
  return offsets
    .map(({ partition, low, high }) => ({
      ...{ partition, begin: Number(low), end: Number(high), committed: committed.get(partition) },
    }))
    .sort((a, b) => a.partition - b.partition)
}
