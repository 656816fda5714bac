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

/** Answers that are about the connection. */
const connectionAnswers = new Set(["NETWORK_EXCEPTION", "ILLEGAL_SASL_STATE"])

/** What kafkajs threw and what caused it, outermost first. */
function* causesOf(error: unknown): Generator<{ name: string; message: string; code?: unknown; type?: unknown }> {
  for (let [cause, depth] = [error, 0]; cause instanceof Error && depth < maxCauses; [cause, depth] = [cause.cause, depth + 1])
    yield cause
}

/** True when a broker answered, and refused: the connection is as good as before. A timeout or a closed socket is no answer. */
export function isAnswered(error: unknown): boolean {
  for (const { name, type } of causesOf(error)) {
    if (name === "KafkaJSProtocolError" && typeof type === "string") return !connectionAnswers.has(type)
  }
  return false
}

/**
 * True when what kafkajs threw proves that no broker appended the records of a send to one partition. Everything else, a timeout above
 * all, leaves it open.
 */
export function isKnownUnsent(error: unknown): boolean {
  for (const { name, message, code, type } of causesOf(error)) {
    if (unsentNames.has(name) || unsentMessages.has(message)) return true
    if (typeof code === "string" && unsentCodes.has(code)) return true
    if (typeof type === "string" && refusals.has(type)) return true
  }
  return false
}
