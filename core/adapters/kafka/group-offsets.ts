import type { Kafka } from "kafkajs"
import { nextIn } from "../../domain/replay.ts"
import { keepAdmin } from "./admin.ts"
import { committedIn, rangesOf } from "./partition-ranges.ts"

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

/** Reads the offsets of groups over one admin connection, which stays open. @throws kafkajs' errors */
export function createGroupOffsets(kafka: Kafka): GroupOffsetsReader {
  const admin = keepAdmin(kafka)
  const read: GroupOffsets = (group, topic) =>
    admin.use(async (connected) => {
      // Commits first: a record that arrives in between makes the lag look larger, never negative.
      const [committed] = await connected.fetchOffsets({ groupId: group, topics: [topic] })
      const ranges = await rangesOf(connected, topic, committedIn(committed?.partitions ?? []))
      return ranges.map((range) => ({ partition: range.partition, next: nextIn(range), end: range.end }))
    })
  return Object.assign(read, { close: () => admin.close() })
}
