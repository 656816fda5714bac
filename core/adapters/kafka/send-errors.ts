/** How deep a chain of causes is followed. */
const maxCauses = 5

/** The connection was never made. */
const unsentCodes = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"])
/** kafkajs' own words where it has no code. */
const unsentMessages = new Set([
  "Connection timeout",
  "Not connected",
  "The producer is disconnected",
  "The producer is disconnecting; therefore, it can't safely accept messages anymore",
])
const unsentNames = new Set(["KafkaJSBrokerNotFound", "KafkaJSMetadataNotLoaded", "KafkaJSTopicMetadataNotLoaded"])
/** Refused by the leader, or by one who is not, before anything was appended. */
const refusals = new Set([
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_FOR_PARTITION",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "NOT_ENOUGH_REPLICAS",
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "KAFKA_STORAGE_ERROR",
])

/**
 * True when what kafkajs threw proves that no broker appended the records of a send to one partition. Everything else, a timeout above
 * all, leaves it open.
 */
export function isKnownUnsent(error: unknown): boolean {
  for (let [cause, depth] = [error, 0]; cause instanceof Error && depth < maxCauses; [cause, depth] = [cause.cause, depth + 1]) {
    const { code, type } = cause as { code?: unknown; type?: unknown }
    if (unsentNames.has(cause.name) || unsentMessages.has(cause.message)) return true
    if (typeof code === "string" && unsentCodes.has(code)) return true
    if (typeof type === "string" && refusals.has(type)) return true
  }
  return false
}
