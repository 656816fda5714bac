import * as z from "zod"
import { Timestamp } from "./http/primitives.ts"

/** What operators see of consumer groups, and how a group reads a topic again. */

/** The name of a consumer group, of ours or of somebody else's. */
export const GroupId = z.string().regex(/^[\w.-]{1,249}$/, "must be the name of a consumer group")
export const TopicName = z.string().regex(/^[\w.-]{1,249}$/, "must be the name of a topic")

/** Whether the processes of one of our groups run: an operator may have stopped them. */
export const ConsumerState = z.enum(["running", "starting", "stopping", "stopped"])
export type ConsumerState = z.output<typeof ConsumerState>

const offset = z.int().min(0)

/** How far a group has read a partition. */
const PartitionLag = z.strictObject({
  partition: z.int(),
  /** The next offset that the group reads; null when it has not committed one. */
  committed: offset.nullable(),
  begin_offset: offset,
  end_offset: offset,
  /** Records that the group has not read. */
  lag: offset,
})
export type PartitionLag = z.output<typeof PartitionLag>

const Group = z.strictObject({
  group: GroupId,
  /** False for a group of somebody else, such as a warehouse. */
  is_ours: z.boolean(),
  /** The brokers' word: Stable, Empty, PreparingRebalance, CompletingRebalance, Dead. */
  state: z.string(),
  /** Null when the group is not ours. */
  consumers: ConsumerState.nullable(),
  members: z.array(z.strictObject({ client: z.string(), host: z.string(), partitions: z.int() })),
  topics: z.array(z.strictObject({ topic: z.string(), partitions: z.array(PartitionLag) })),
})
export type Group = z.output<typeof Group>
export const Groups = z.strictObject({ groups: z.array(Group) })
export type Groups = z.output<typeof Groups>

/** Where a group is to read from: the same place in each partition. */
export const ReplayTarget = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("earliest") }),
  z.strictObject({ kind: z.literal("latest") }),
  z.strictObject({ kind: z.literal("offset"), offset }),
  /** The first record that was written at this time or later. */
  z.strictObject({ kind: z.literal("time"), at: Timestamp }),
  /** The first request that is not decided: for the writer alone, which may read from nowhere else. */
  z.strictObject({ kind: z.literal("watermark") }),
])
export type ReplayTarget = z.output<typeof ReplayTarget>

/** Which records a group is to read again. */
export const replayArguments = {
  group: GroupId,
  to: ReplayTarget,
  /** Needed for a group that reads several topics. */
  topic: TopicName.optional(),
  /** All partitions, when it is absent. */
  partition: z.int().min(0).optional(),
}

/** What a replay does to the effects of a group. */
export const ReplayEffect = z.enum(["none", "new-generation", "sends-again", "unknown"])
export type ReplayEffect = z.output<typeof ReplayEffect>

/** What a replay would do. */
export const ReplayPlan = z.strictObject({
  group: GroupId,
  topic: z.string(),
  members: z.int(),
  consumers: ConsumerState.nullable(),
  effect: ReplayEffect,
  /** A sentence: what reading again does to the effects of this group. */
  why: z.string(),
  partitions: z.array(z.strictObject({ partition: z.int(), from: offset.nullable(), to: offset, end_offset: offset })),
})
export type ReplayPlan = z.output<typeof ReplayPlan>

/** Where a group reads from now on. */
export const offsetsArguments = {
  group: GroupId,
  topic: TopicName,
  partitions: z
    .array(z.strictObject({ partition: z.int().min(0), offset }))
    .min(1)
    .max(1_000),
  /** Confirms that a group whose work reaches people does it again. */
  send_again: z.boolean().default(false),
}

/** Which consumers to stop. */
export const stopArguments = {
  group: GroupId,
  /** Confirms that the writer stops: no request is decided until it starts again. */
  force: z.boolean().default(false),
}

export const Consumers = z.strictObject({ group: GroupId, consumers: ConsumerState })

/** What a generation of analytics has counted. */
export const GenerationFigures = z.strictObject({
  generation: z.int(),
  /** Null for a generation that has counted nothing. */
  totals: z.record(z.string(), z.unknown()).nullable(),
  next_offsets: z.array(z.strictObject({ partition: z.int(), next_offset: offset })),
})
export type GenerationFigures = z.output<typeof GenerationFigures>

/** The generations before and after a new one has begun. */
export const BegunGeneration = z.strictObject({ previous: z.int(), current: z.int() })
