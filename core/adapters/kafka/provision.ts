import type { ITopicConfig, Kafka } from "kafkajs"
import type { Pool } from "pg"
import { replication, type TopicDefinition } from "../../contracts/topics.ts"
import { withAdmin } from "./admin.ts"
import { createTopics } from "./create-topics.ts"
import { watermarkNewTopic } from "./watermarks.ts"

export interface Provisioning {
  readonly kafka: Kafka
  /** Acts as flash_provisioner. */
  readonly pool: Pool
  readonly definitions: readonly TopicDefinition[]
}

/**
 * Creates the topics that do not exist, replicated as far as there are brokers, and writes their first watermarks.
 *
 * The watermarks come first: if the process dies between the two, the next run creates the topic and finds its rows. An existing
 * topic gets none: if its watermark is missing, the database was lost, and the writer must stop.
 *
 * @returns the names of the topics created now.
 */
export async function provisionTopics({ kafka, pool, definitions }: Provisioning): Promise<string[]> {
  return withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics())
    const missing = definitions.filter((topic) => !existing.has(topic.name))
    if (missing.length === 0) return []
    for (const topic of missing.filter(({ watermarked }) => watermarked)) await watermarkNewTopic(pool, topic)
    const { brokers } = await admin.describeCluster()
    await createTopics(
      admin,
      missing.map((topic) => topicConfig(topic, brokers.length)),
    )
    return missing.map(({ name }) => name)
  })
}

function topicConfig(topic: TopicDefinition, brokers: number): ITopicConfig {
  const settings = {
    "retention.ms": topic.retentionMs,
    "min.insync.replicas": Math.min(replication.minInSyncReplicas, brokers),
    "unclean.leader.election.enable": replication.uncleanLeaderElection,
  }
  return {
    topic: topic.name,
    numPartitions: topic.partitions,
    replicationFactor: Math.min(replication.factor, brokers),
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value: String(value) })),
  }
}
