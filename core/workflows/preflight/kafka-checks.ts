import { setTimeout as delay } from "node:timers/promises"
import type { Kafka } from "kafkajs"
import type { Pool } from "pg"
import { createConsumerGroups } from "../../adapters/kafka/groups.ts"
import type { EndOffsets } from "../../adapters/kafka/offsets.ts"
import { readTopicStates } from "../../adapters/kafka/topic-states.ts"
import { readProgress } from "../../adapters/postgres/lag.ts"
import type { Group } from "../../contracts/streams.ts"
import { replication, type TopicDefinition } from "../../contracts/topics.ts"
import { type Finding, judged } from "../../domain/preflight/line.ts"
import { judgeReplication, judgeTopicSettings, judgeTopics } from "../../domain/preflight/topics.ts"
import type { OperateGroups } from "../streams/operate-groups.ts"
import type { PreflightCheck } from "./run-checks.ts"

/** Records that a group set aside within this time are new. */
const newWithinMs = 24 * 3_600_000
/** A group may be at work at the moment of a look. It has nothing left when one of these looks finds nothing. */
const looks = 4
const betweenLooksMs = 500

export interface KafkaCheckDeps {
  readonly kafka: Kafka
  readonly pool: Pool
  readonly endOffsets: EndOffsets
  readonly groups: OperateGroups
  /** The names of our groups. */
  readonly ours: readonly string[]
  /** The topics of the system, by their names here. */
  readonly topics: readonly TopicDefinition[]
  readonly requestsTopic: string
  readonly deadLettersTopic: string
  /** The command that creates missing topics. */
  readonly mendTopics: string
}

/** What the brokers say of the topics, and each of our consumer groups. */
export const kafkaChecks = (deps: KafkaCheckDeps): PreflightCheck[] => [
  {
    part: "Kafka",
    items: ["topics", "replication", "retention"],
    lookWith: "ops topics",
    async run() {
      const { kafka, pool, topics, requestsTopic, mendTopics } = deps
      const names = topics.map(({ name }) => name)
      const [{ brokers, topics: found }, { watermarks }] = await Promise.all([
        readTopicStates(kafka, names),
        readProgress(pool, requestsTopic),
      ])
      return [
        judgeTopics(topics, found, watermarks, mendTopics),
        judgeReplication(found, brokers, replication, mendTopics),
        judgeTopicSettings(topics, found, brokers, replication, mendTopics),
      ]
    },
  },
  {
    part: "Kafka",
    items: ["dead letters"],
    lookWith: "ops topics",
    async run() {
      const { kafka, endOffsets, deadLettersTopic } = deps
      const [since, ends] = await Promise.all([
        createConsumerGroups(kafka).atTime(deadLettersTopic, Date.now() - newWithinMs),
        endOffsets(deadLettersTopic),
      ])
      const fresh = [...ends].reduce((sum, [partition, end]) => sum + Math.max(0, end - (since.get(partition) ?? end)), 0)
      const faults = fresh === 0 ? [] : [`${fresh} events of the last day could not be read and were set aside`]
      return [judged(faults, "none of the last day", `ops messages ${deadLettersTopic}`)]
    },
  },
  ...deps.ours.map(
    (group): PreflightCheck => ({
      part: "consumers",
      items: [group],
      lookWith: `ops groups ${group}`,
      run: async () => [await judgeGroup(deps.groups, group)],
    }),
  ),
]

/** The consumers of a group run, none of them joins or leaves, and no record waits for them. */
async function judgeGroup(groups: OperateGroups, name: string): Promise<Finding> {
  for (let look = 1; ; look += 1) {
    const [group] = (await groups.show(name)).groups
    const finding = findingOf(name, group)
    if (finding.state === "ok" || look === looks || group?.consumers === "stopped") return finding
    await delay(betweenLooksMs)
  }
}

function findingOf(name: string, group: Group | undefined): Finding {
  const waiting = (group?.topics ?? []).flatMap(({ partitions }) => partitions).reduce((sum, { lag }) => sum + lag, 0)
  const isRunning = group?.consumers === "running"
  const faults = [
    ...(isRunning ? [] : [`its consumers are ${group?.consumers ?? "not known"}`]),
    ...(isRunning && group.state !== "Stable" ? [`the group is ${group.state}`] : []),
    ...(waiting === 0 ? [] : [`${waiting} records wait`]),
  ]
  return judged(faults, "running, no record waits", isRunning ? `ops groups ${name}` : `ops consumers start ${name}`)
}
