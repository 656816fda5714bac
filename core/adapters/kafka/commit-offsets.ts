import type { Kafka } from "kafkajs"
import { clusterOf } from "./cluster.ts"

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
