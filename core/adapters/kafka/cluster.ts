import type { Kafka } from "kafkajs"

/** A connection to the cluster, as the parts of kafkajs share it. */
export interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  findGroupCoordinator(group: { readonly groupId: string }): Promise<Coordinator>
  addTargetTopic(topic: string): Promise<void>
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>
  findBroker(broker: { readonly nodeId: string }): Promise<Broker>
}

interface Coordinator {
  offsetCommit(request: {
    readonly groupId: string
    readonly groupGenerationId: number
    readonly memberId: string
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
    }[]
  }): Promise<unknown>
}

/** A record as a broker returns it. */
export interface FetchedRecord {
  readonly offset: string
  readonly timestamp: string
  readonly headers: Readonly<Record<string, Buffer | string | undefined>>
  readonly key: Buffer | null
  readonly value: Buffer | null
}

interface Broker {
  fetch(request: {
    readonly isolationLevel: number
    readonly maxWaitTime: number
    readonly minBytes: number
    readonly maxBytes: number
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string; readonly maxBytes: number }[]
    }[]
  }): Promise<{
    readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly FetchedRecord[] }[] }[]
  }>
}

/** kafkajs 2.2.4 keeps its way to the cluster under this symbol. */
const createCluster = "private:Kafka:createCluster"

/** What kafkajs' own parts use of a cluster, and its types leave out. */
export function clusterOf(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === createCluster)
  if (symbol === undefined) throw new Error("This version of kafkajs hides its cluster in another way")
  const make = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol]
  if (make === undefined) throw new Error("This version of kafkajs has no cluster of its own")
  return make({ allowAutoTopicCreation: false })
}
