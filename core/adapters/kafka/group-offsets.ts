import type { Kafka } from "kafkajs"
import { keepAdmin } from "./admin.ts"

/** Where a consumer group is in a partition. */
export interface GroupOffset {
  readonly partition: number
  /** The first record that the group has not processed: the group's commit, or the first record of the partition without one. */
  readonly next: number
  /** One more than the last record of the partition. */
  readonly end: number
}

/** The offsets of a group in all partitions of a topic. */
export type GroupOffsets = (group: string, topic: string) => Promise<readonly GroupOffset[]>

/** The reader of the offsets of groups, with the connection that it keeps. */
export type GroupOffsetsReader = GroupOffsets & { close(): Promise<void> }

/** kafkajs' offset of a partition for which a group has committed none. */
const noCommit = -1

/** Reads the offsets of groups over one admin connection, which stays open. @throws kafkajs' errors */
export function createGroupOffsets(kafka: Kafka): GroupOffsetsReader {
  const admin = keepAdmin(kafka)
  const read: GroupOffsets = (group, topic) =>
    admin.use(async (connected) => {
      // Commits first: a record that arrives in between makes the lag look larger, never negative.
      const [committed] = await connected.fetchOffsets({ groupId: group, topics: [topic] })
      const bounds = await connected.fetchTopicOffsets(topic)
      const commits = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
      return bounds.map(({ partition, low, high }) => {
        const commit = commits.get(partition) ?? noCommit
        // Records below the first one were deleted: nobody can process them.
        return { partition, next: Math.max(commit, Number(low)), end: Number(high) }
      })
    })
  return Object.assign(read, { close: () => admin.close() })
}
