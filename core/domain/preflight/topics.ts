import { type Finding, judged } from "./line.ts"

/** What a topic has to be. */
export interface ExpectedTopic {
  readonly name: string
  readonly partitions: number
  readonly retentionMs: number
  readonly watermarked: boolean
}

/** A partition as the brokers describe it. */
export interface PartitionState {
  readonly partition: number
  /** -1 without a leader. */
  readonly leader: number
  readonly replicas: number
  readonly inSync: number
}

/** A topic as the brokers describe it. */
export interface TopicState {
  readonly name: string
  readonly partitions: readonly PartitionState[]
  readonly settings: ReadonlyMap<string, string>
}

export interface ReplicationRule {
  readonly factor: number
  readonly minInSyncReplicas: number
  readonly uncleanLeaderElection: boolean
}

/**
 * Every topic exists with its partitions, and the topics of requests have a watermark for each: the writer stops at a partition
 * without one.
 */
export function judgeTopics(
  expected: readonly ExpectedTopic[],
  found: readonly TopicState[],
  watermarks: ReadonlyMap<number, number>,
  mend: string,
): Finding {
  const byName = new Map(found.map((topic) => [topic.name, topic]))
  const faults = expected.flatMap(({ name, partitions, watermarked }) => {
    const topic = byName.get(name)
    if (topic === undefined) return [`the topic ${name} does not exist`]
    const has = topic.partitions.length
    const without = watermarked
      ? topic.partitions.filter(({ partition }) => !watermarks.has(partition)).map(({ partition }) => partition)
      : []
    return [
      ...(has < partitions ? [`${name} has ${has} partitions, not ${partitions}`] : []),
      ...(without.length > 0 ? [`${name} has no watermark for partition ${without.join(", ")}`] : []),
    ]
  })
  return judged(faults, `${expected.length} topics with their partitions and watermarks`, mend)
}

/** Every partition has a leader, its replicas, and all of them in sync. */
export function judgeReplication(found: readonly TopicState[], brokers: number, rule: ReplicationRule, mend: string): Finding {
  const wanted = Math.min(rule.factor, brokers)
  const faults = found.flatMap(({ name, partitions }) => {
    const bad = (isBad: (state: PartitionState) => boolean, fault: string) => {
      const numbers = partitions.filter(isBad).map(({ partition }) => partition)
      return numbers.length === 0 ? [] : [`${name}: ${fault} in partition ${numbers.join(", ")}`]
    }
    return [
      ...bad(({ leader }) => leader < 0, "no leader"),
      ...bad(({ replicas }) => replicas < wanted, `fewer than ${wanted} replicas`),
      ...bad(({ replicas, inSync }) => inSync < replicas, "a replica is not in sync"),
    ]
  })
  return judged(faults, `${brokers} brokers, ${wanted} replicas of each partition, all in sync`, mend)
}

/** Records stay as long as the system needs them, and an acknowledged record survives the loss of a broker. */
export function judgeTopicSettings(
  expected: readonly ExpectedTopic[],
  found: readonly TopicState[],
  brokers: number,
  rule: ReplicationRule,
  mend: string,
): Finding {
  const faults = found.flatMap(({ name, settings }) => {
    const definition = expected.find((each) => each.name === name)
    if (definition === undefined) return []
    const wanted: Readonly<Record<string, number | boolean>> = {
      "retention.ms": definition.retentionMs,
      "min.insync.replicas": Math.min(rule.minInSyncReplicas, brokers),
      "unclean.leader.election.enable": rule.uncleanLeaderElection,
    }
    return Object.entries(wanted).flatMap(([setting, value]) => {
      const actual = settings.get(setting)
      return actual === undefined || actual === String(value) ? [] : [`${name} has ${setting} ${actual}, not ${value}`]
    })
  })
  return judged(faults, "retention and in-sync replicas as configured", mend)
}
