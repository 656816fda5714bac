import type { Kafka } from "kafkajs"

/** A connection to the cluster, as the parts of kafkajs share it. */
interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  findGroupCoordinator(group: { readonly groupId: string }): Promise<Coordinator>
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

/** The generation and the member of a commit from outside the group (KIP-211). */
const outside = { groupGenerationId: -1, memberId: "" }

/**
 * Commits offsets for a group that has no members. The broker itself refuses it while there is one, so that a consumer that comes
 * back at the same moment cannot lose or repeat records unnoticed. kafkajs' own `setOffsets` joins the group instead: it fails
 * silently for the partitions that the other consumer gets, and it needs a rebalance.
 *
 * @throws KafkaJSProtocolError with type UNKNOWN_MEMBER_ID while the group has members; kafkajs' other errors
 */
export async function commitOffsets(
  kafka: Kafka,
  groupId: string,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<void> {
  const cluster = clusterOf(kafka)
  await cluster.connect()
  try {
    const coordinator = await cluster.findGroupCoordinator({ groupId })
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }))
    await coordinator.offsetCommit({ groupId, ...outside, topics: [{ topic, partitions }] })
  } finally {
    await cluster.disconnect()
  }
}

/** kafkajs 2.2.4 keeps its way to the cluster under this symbol. */
const createCluster = "private:Kafka:createCluster"

function clusterOf(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === createCluster)
  if (symbol === undefined) throw new Error("This version of kafkajs hides its cluster in another way")
  const make = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol]
  if (make === undefined) throw new Error("This version of kafkajs has no cluster of its own")
  return make({ allowAutoTopicCreation: false })
}
