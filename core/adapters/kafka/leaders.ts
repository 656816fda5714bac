import type { Kafka } from "kafkajs"
import { withAdmin } from "./admin.ts"

/**
 * The leader of each partition of a topic, as `host:port`. Partitions without a leader are left out. One connection is made for
 * it and closed. @throws kafkajs' errors
 */
export const leadersOf = (kafka: Kafka, topic: string): Promise<ReadonlyMap<number, string>> =>
  withAdmin(kafka, async (admin) => {
    const [{ brokers }, { topics }] = await Promise.all([admin.describeCluster(), admin.fetchTopicMetadata({ topics: [topic] })])
    const addresses = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`]))
    return new Map(
      (topics[0]?.partitions ?? []).flatMap(({ partitionId, leader }) => {
        const address = addresses.get(leader)
        return address === undefined ? [] : [[partitionId, address] as const]
      }),
    )
  })
