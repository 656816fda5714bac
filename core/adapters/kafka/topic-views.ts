import type { Admin, Kafka } from "kafkajs"
import type { Topics, TopicView } from "../../contracts/operations/topics.ts"
import { replication, type TopicDefinition } from "../../contracts/topics.ts"
import { withAdmin } from "./admin.ts"
import { topicSettings } from "./topic-settings.ts"

/**
 * What the brokers say of topics: leaders, replicas, offsets, and where their settings differ from the table of topics.
 * @param definitions the topics, under their names at these brokers
 * @throws kafkajs' errors
 */
export async function readTopics(kafka: Kafka, definitions: readonly TopicDefinition[]): Promise<Topics> {
  return withAdmin(kafka, async (admin) => {
    const { brokers, controller } = await admin.describeCluster()
    const existing = new Set(await admin.listTopics())
    const topics: TopicView[] = []
    for (const definition of definitions) {
      topics.push(existing.has(definition.name) ? await readTopic(admin, definition, brokers.length) : absent(definition))
    }
    return {
      brokers: brokers.map(({ nodeId, host, port }) => ({
        ...{ id: nodeId, address: `${host}:${port}`, is_controller: nodeId === controller },
      })),
      topics,
    }
  })
}

const absent = ({ name }: TopicDefinition): TopicView => ({
  ...{ name, exists: false, records: 0, retention_ms: null, partitions: [] },
  differences: ["the brokers do not know it: a deployment provisions it"],
})

async function readTopic(admin: Admin, definition: TopicDefinition, brokers: number): Promise<TopicView> {
  const { name } = definition
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] })
  const offsets = await offsetsOf(admin, name)
  const settings = (await topicSettings(admin, [name])).get(name) ?? new Map<string, string>()
  const partitions = (topics[0]?.partitions ?? [])
    .map(({ partitionId, leader, replicas, isr }) => {
      const kept = offsets.get(partitionId)
      return {
        ...{ partition: partitionId, leader: leader < 0 ? null : leader, replicas, in_sync: isr },
        ...{ begin_offset: kept?.begin ?? null, end_offset: kept?.end ?? null },
      }
    })
    .sort((a, b) => a.partition - b.partition)
  const retention = settings.get("retention.ms")
  return {
    ...{ name, exists: true, partitions },
    records: [...offsets.values()].reduce((sum, { begin, end }) => sum + end - begin, 0),
    retention_ms: retention === undefined ? null : Number(retention),
    differences: differencesOf(definition, brokers, partitions, settings),
  }
}

/** Empty while a partition has no leader: kafkajs reads the offsets of a topic together. */
async function offsetsOf(admin: Admin, topic: string): Promise<ReadonlyMap<number, { begin: number; end: number }>> {
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    return new Map(offsets.map(({ partition, low, high }) => [partition, { begin: Number(low), end: Number(high) }]))
  } catch (error) {
    if (error instanceof Error && "type" in error) return new Map()
    throw error
  }
}

/** What is not as provisioned; a cluster with fewer brokers than copies is held to what it can have. */
function differencesOf(
  { partitions: count, retentionMs }: TopicDefinition,
  brokers: number,
  partitions: TopicView["partitions"],
  settings: ReadonlyMap<string, string>,
): string[] {
  const expected = {
    "retention.ms": String(retentionMs),
    "min.insync.replicas": String(Math.min(replication.minInSyncReplicas, brokers)),
    "unclean.leader.election.enable": String(replication.uncleanLeaderElection),
  }
  const copies = Math.min(replication.factor, brokers)
  const named = (numbers: readonly { readonly partition: number }[]) => numbers.map(({ partition }) => partition).join(", ")
  const leaderless = partitions.filter(({ leader }) => leader === null)
  const behind = partitions.filter(({ replicas, in_sync }) => in_sync.length < replicas.length)
  const fewer = partitions.filter(({ replicas }) => replicas.length !== copies)
  return [
    ...(partitions.length === count ? [] : [`${partitions.length} partitions, expected ${count}`]),
    ...(leaderless.length === 0 ? [] : [`no broker leads partition ${named(leaderless)}`]),
    ...(behind.length === 0 ? [] : [`not all replicas are in sync: partition ${named(behind)}`]),
    ...(fewer.length === 0 ? [] : [`the number of copies is not ${copies}: partition ${named(fewer)}`]),
    ...Object.entries(expected)
      .filter(([name, value]) => settings.get(name) !== value)
      .map(([name, value]) => `${name} is ${settings.get(name) ?? "not known"}, expected ${value}`),
  ]
}
