import type { Kafka } from "kafkajs"
import type { TopicState } from "../../domain/preflight/topics.ts"
import { withAdmin } from "./admin.ts"
import { topicSettings } from "./topic-settings.ts"

/** Topics as the brokers describe them, and how many brokers there are. */
export interface ClusterState {
  readonly brokers: number
  /** Without those that do not exist. */
  readonly topics: readonly TopicState[]
}

/** Reads the partitions and the settings of topics, over a connection of its own. @throws kafkajs' errors */
export const readTopicStates = (kafka: Kafka, names: readonly string[]): Promise<ClusterState> =>
  withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics())
    const asked = names.filter((name) => existing.has(name))
    const { brokers } = await admin.describeCluster()
    if (asked.length === 0) return { brokers: brokers.length, topics: [] }
    const [{ topics }, settings] = await Promise.all([admin.fetchTopicMetadata({ topics: asked }), topicSettings(admin, asked)])
    return {
      brokers: brokers.length,
      topics: topics.map(({ name, partitions }) => ({
        name,
        settings: settings.get(name) ?? new Map<string, string>(),
        partitions: partitions
          .map(({ partitionId, leader, replicas, isr }) => ({
            ...{ partition: partitionId, leader, replicas: replicas.length, inSync: isr.length },
          }))
          .sort((a, b) => a.partition - b.partition),
      })),
    }
  })
