import type { ConsumerGroups, GroupState, GroupTopics } from "../../adapters/kafka/groups.ts"
import type { Consumers } from "../../adapters/lambda/consumers.ts"
import type { Group, Groups, ReplayPlan, ReplayTarget } from "../../contracts/streams.ts"
import { CommandRefused, NotFound } from "../../domain/errors.ts"
import { lagIn, offsetIn, type PartitionRange, type ReadFrom } from "../../domain/replay.ts"
import { type ReplayRule, replayRuleOf } from "./replay-rules.ts"

export interface OperateGroupsDeps {
  readonly groups: ConsumerGroups
  readonly consumers: Consumers
  /** Our groups, and the topic that each reads. */
  readonly ours: ReadonlyMap<string, string>
  /** The watermarks of a topic of requests: by partition, the first record that is not decided. */
  readonly watermarks: (topic: string) => Promise<ReadonlyMap<number, number>>
}

export interface ReplayAsked {
  readonly group: string
  readonly to: ReplayTarget
  readonly topic?: string | undefined
  readonly partition?: number | undefined
}

export interface OffsetsAsked {
  readonly group: string
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: number }[]
  readonly send_again: boolean
}

/**
 * The operators' commands for consumer groups. Each is one short step that changes at most one thing, so that a replay that ends
 * half way leaves a state that `show` shows and the next replay continues.
 *
 * @throws NotFound, CommandRefused and the errors of kafkajs, each of them
 */
export function createOperateGroups({ groups, consumers, ours, watermarks }: OperateGroupsDeps) {
  const consumersOf = async (group: string) => (ours.has(group) ? await consumers.stateOf(group) : null)
  const topicsOf = (group: string): Promise<GroupTopics> => {
    const topic = ours.get(group)
    return groups.topicsOf(group, topic === undefined ? [] : [topic])
  }

  /** @throws NotFound */
  async function known(group: string): Promise<GroupState> {
    const [described] = await groups.describe([group])
    if (described !== undefined && (described.state !== "Dead" || ours.has(group))) return described
    throw new NotFound("group", { detail: `There is no consumer group ${group}. npm run ops -- groups lists them.` })
  }

  async function shown({ group, state, members }: GroupState): Promise<Group> {
    const [topics, running] = await Promise.all([topicsOf(group), consumersOf(group)])
    return {
      ...{ group, state, members: [...members], is_ours: ours.has(group), consumers: running },
      topics: [...topics].map(([topic, partitions]) => ({ topic, partitions: partitions.map(lagOf) })),
    }
  }

  return {
    /** All groups, ours first, or one of them. */
    async show(group?: string): Promise<Groups> {
      if (group !== undefined) return { groups: [await shown(await known(group))] }
      const names = new Set([...ours.keys(), ...(await groups.names())])
      return { groups: await Promise.all((await groups.describe([...names])).map(shown)) }
    },

    /** What a replay would do. It changes nothing. */
    async plan({ group, to, topic: asked, partition }: ReplayAsked): Promise<ReplayPlan> {
      const rule = ruleFor(group, to)
      const { members } = await known(group)
      const [topics, running] = await Promise.all([topicsOf(group), consumersOf(group)])
      const topic = topicAmong(group, topics, asked ?? ours.get(group))
      const ranges = (topics.get(topic) ?? []).filter((range) => partition === undefined || range.partition === partition)
      if (ranges.length === 0) throw refused(`The topic ${topic} has no partition ${partition}.`)
      const from = await readFrom(topic, to)
      return {
        ...{ group, topic, members: members.length, consumers: running, effect: rule.effect, why: rule.why },
        partitions: ranges.map((range) => planned(topic, range, from)),
      }
    },

    /** Sets where a group without members reads from. @throws CommandRefused group-has-members */
    async setOffsets({ group, topic, partitions, send_again }: OffsetsAsked): Promise<Groups> {
      const { effect, from } = replayRuleOf(group)
      if (from === "watermark") await onlyWatermarks(topic, partitions)
      if (effect === "sends-again" && !send_again)
        throw refused("Shoppers would get notices again: confirm it with --send-again.")
      const offsets = new Map(partitions.map(({ partition, offset }) => [partition, offset]))
      const ranges = (await groups.topicsOf(group, [topic])).get(topic) ?? []
      for (const range of ranges) {
        const offset = offsets.get(range.partition)
        if (offset !== undefined) inRange(topic, range, { kind: "offset", offset })
      }
      if (!(await groups.setOffsets(group, topic, offsets))) {
        throw new CommandRefused("group-has-members", { detail: adviceAboutMembers(group) })
      }
      return { groups: [await shown(await known(group))] }
    },

    /** @param force confirms that the writer stops */
    async stop(group: string, force: boolean) {
      ownGroup(group)
      if (replayRuleOf(group).from === "watermark" && !force) throw refused(adviceAboutTheWriter)
      return { group, consumers: await consumers.stop(group) }
    },

    async start(group: string) {
      ownGroup(group)
      return { group, consumers: await consumers.start(group) }
    },
  }

  function ownGroup(group: string): void {
    if (!ours.has(group)) throw refused(`The consumers of ${group} are not ours: only their owner can stop and start them.`)
  }

  async function readFrom(topic: string, to: ReplayTarget): Promise<ReadFrom> {
    if (to.kind === "time") return { kind: "time", offsets: await groups.atTime(topic, Date.parse(to.at)) }
    return to.kind === "watermark" ? { kind: "watermark", offsets: await watermarks(topic) } : to
  }

  /** @throws CommandRefused when an offset is not the partition's watermark at this moment */
  async function onlyWatermarks(topic: string, partitions: OffsetsAsked["partitions"]): Promise<void> {
    const now = await watermarks(topic)
    const other = partitions.find(({ partition, offset }) => now.get(partition) !== offset)
    if (other !== undefined)
      throw refused(`Partition ${other.partition} has the watermark ${now.get(other.partition) ?? "none"}, not ${other.offset}.`)
  }
}

export type OperateGroups = ReturnType<typeof createOperateGroups>

const refused = (detail: string) => new CommandRefused("replay-refused", { detail })

/** @throws CommandRefused when the group must not read from there, with the reason and what to do instead */
function ruleFor(group: string, to: ReplayTarget): ReplayRule {
  const rule = replayRuleOf(group)
  if (rule.from === "watermark" && to.kind !== "watermark") throw refused(rule.why)
  if (rule.from === "anywhere" && to.kind === "watermark")
    throw refused(`The group ${group} has no watermark: only the writer has one.`)
  return rule
}

const adviceAboutTheWriter =
  "Without the writer no request is decided, of any SKU. To look at a sale while nothing changes, freeze it: npm run ops -- sale halt <sku> --freeze. To stop the writer all the same, add --force."

/** The topic to read again. @throws CommandRefused when the group reads another one, or several and none was named */
function topicAmong(group: string, topics: GroupTopics, asked: string | undefined): string {
  const names = [...topics.keys()]
  if (asked !== undefined && names.includes(asked)) return asked
  const [only, second] = names
  if (asked === undefined && only !== undefined && second === undefined) return only
  if (asked !== undefined)
    throw refused(`The group ${group} does not read the topic ${asked}, but ${names.join(", ") || "none"}.`)
  throw refused(`Name a topic with --topic: the group ${group} reads ${names.join(", ") || "none yet"}.`)
}

/** @throws CommandRefused when the partition does not have this offset */
function inRange(topic: string, range: PartitionRange, from: ReadFrom): number {
  const offset = offsetIn(range, from)
  if (typeof offset === "number") return offset
  throw refused(
    `Partition ${range.partition} of ${topic} has the offsets ${range.begin} to ${range.end}. Name one of them, with --partition for this partition alone, or use --to earliest or latest.`,
  )
}

const adviceAboutMembers = (group: string): string =>
  `A consumer of ${group} is a member of the group: it decides where the group reads. Stop it first; for a group of ours, --restart does it.`

/** @throws CommandRefused when the partition does not have the offset */
const planned = (topic: string, range: PartitionRange, from: ReadFrom) => ({
  ...{ partition: range.partition, from: range.committed ?? null, to: inRange(topic, range, from), end_offset: range.end },
})

const lagOf = (range: PartitionRange) => ({
  ...{ partition: range.partition, committed: range.committed ?? null, begin_offset: range.begin, end_offset: range.end },
  lag: lagIn(range),
})
