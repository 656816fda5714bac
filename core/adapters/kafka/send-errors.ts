/** How deep a chain of causes is followed. */
const maxCauses = 5

/** No broker was given the records of a send: kafkajs failed before it wrote them. Its error is the cause. */
export class NotHandedOver extends Error {
  constructor(cause: unknown) {
    super("The records were not handed to a broker", { cause })
  }
}

/**
 * What a broker answers instead of appending. Answers that kafkajs also gets when it loads the leaders anew after a send was lost
 * (LEADER_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION) say nothing about the send, and are not among them.
 */
const refusals = new Set([
  "NOT_LEADER_FOR_PARTITION",
  "NOT_ENOUGH_REPLICAS",
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "KAFKA_STORAGE_ERROR",
])

/** Answers that are about the connection. */
const connectionAnswers = new Set(["NETWORK_EXCEPTION", "ILLEGAL_SASL_STATE"])

/** What kafkajs threw and what caused it, outermost first. */
function* causesOf(error: unknown): Generator<{ name: string; type?: unknown }> {
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
 * True when the error of a link proves that no broker appended the records of a send to one partition. Everything else leaves it
 * open.
 */
export function isKnownUnsent(error: unknown): boolean {
  if (error instanceof NotHandedOver) return true
  for (const { type } of causesOf(error)) {
    if (typeof type === "string" && refusals.has(type)) return true
  }
  return false
}
