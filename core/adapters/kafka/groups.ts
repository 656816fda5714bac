import { type Admin, AssignerProtocol, type Kafka } from "kafkajs"
import type { PartitionRange } from "../../domain/replay.ts"
import { withAdmin } from "./admin.ts"
import { commitOffsets } from "./commit-offsets.ts"
import { committedIn, rangesOf } from "./partition-ranges.ts"

/** A group as its brokers describe it. */
export interface GroupState {
  readonly group: string
  /** Dead for a group that does not exist. */
  readonly state: string
  readonly members: readonly { readonly client: string; readonly host: string; readonly partitions: number }[]
}

/** The partitions of the topics that a group reads, by topic. */
export type GroupTopics = ReadonlyMap<string, readonly PartitionRange[]>

/** The consumer groups at the brokers. Every method makes a connection of its own. @throws kafkajs' errors, each of them */
export interface ConsumerGroups {
  /** The names of all groups of consumers. */
  names(): Promise<readonly string[]>
  describe(groups: readonly string[]): Promise<readonly GroupState[]>
  /** The topics for which the group has committed an offset, and those of `topics` in any case. */
  topicsOf(group: string, topics: readonly string[]): Promise<GroupTopics>
  /** The offset of the first record at this time or later, by partition; the end of a partition that has none. */
  atTime(topic: string, atMs: number): Promise<ReadonlyMap<number, number>>
  /** Sets where a group reads from. @returns false when the group has members: nothing was changed */
  setOffsets(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<boolean>
}

export const createConsumerGroups = (kafka: Kafka): ConsumerGroups => ({
  names: () =>
    withAdmin(kafka, async (admin) => {
      const { groups } = await admin.listGroups()
      return groups.filter(({ protocolType }) => protocolType === "consumer" || protocolType === "").map(({ groupId }) => groupId)
    }),
  describe: (groups) =>
    withAdmin(kafka, async (admin) => {
      if (groups.length === 0) return []
      const described = await admin.describeGroups([...groups])
      return described.groups.map(({ groupId, state, members }) => ({
        ...{ group: groupId, state },
        members: members.map(({ clientId, clientHost, memberAssignment }) => ({
          ...{ client: clientId, host: clientHost.replace(/^\//, ""), partitions: partitionsIn(memberAssignment) },
        })),
      }))
    }),
  topicsOf: (group, topics) =>
    withAdmin(kafka, async (admin) => {
      const committed = await committedBy(admin, group, topics)
      const ranges = await Promise.all(
        [...committed].map(async ([topic, offsets]) => [topic, await rangesOf(admin, topic, offsets)] as const),
      )
      return new Map(ranges)
    }),
  atTime: (topic, atMs) =>
    withAdmin(kafka, async (admin) => {
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, atMs)
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]))
    }),
  async setOffsets(group, topic, offsets) {
    try {
      await commitOffsets(kafka, group, topic, offsets)
      return true
    } catch (error) {
      if (error instanceof Error && "type" in error && membersExist.has(error.type)) return false
      throw error
    }
  },
})

/** The broker's answers to a commit from outside while a member is there, or joins. */
const membersExist: ReadonlySet<unknown> = new Set(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS"])

/** The committed offsets of a group by topic and partition. */
async function committedBy(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const fetched = await admin.fetchOffsets({ groupId })
  const committed = fetched.map(({ topic, partitions }) => [topic, committedIn(partitions)] as const)
  return new Map([...topics.map((topic) => [topic, new Map<number, number>()] as const), ...committed])
}

/** How many partitions a member has. An assignment that kafkajs cannot read counts as none. */
function partitionsIn(assignment: Buffer): number {
  if (assignment.length === 0) return 0
  const decoded = AssignerProtocol.MemberAssignment.decode(assignment)
  return Object.values(decoded?.assignment ?? {}).reduce((sum, partitions) => sum + partitions.length, 0)
}
