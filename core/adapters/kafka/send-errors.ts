/** How deep a chain of causes is followed. */
const maxCauses = 5

/** No broker got the records of a send: kafkajs failed before it wrote them. Its error is the cause. */
export class NotHandedOver extends Error {
  constructor(cause: unknown) {
    super("The records were not handed to a broker", { cause })
  }
}

/**
 * The answers of a broker that did not append. LEADER_NOT_AVAILABLE and UNKNOWN_TOPIC_OR_PARTITION are not in the list: kafkajs
 * also gets them when it loads the leaders again after a lost send, so they say nothing about the send.
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

/** The error of kafkajs and its causes, outermost first. */
function* causesOf(error: unknown): Generator<{ name: string; type?: unknown }> {
  for (let [cause, depth] = [error, 0]; cause instanceof Error && depth < maxCauses; [cause, depth] = [cause.cause, depth + 1])
    yield cause
}

/** True when a broker answered with a refusal: the connection still works. A timeout or a closed socket is no answer. */
export function isAnswered(error: unknown): boolean {
  for (const { name, type } of causesOf(error)) {
    if (name === "KafkaJSProtocolError" && typeof type === "string") return !connectionAnswers.has(type)
  }
  return false
}

/**
 * True when the error of a link proves that no broker appended the records of a send to one partition. After any other error a
 * broker may have appended them.
 */
export function isKnownUnsent(error: unknown): boolean {
  if (error instanceof NotHandedOver) return true
  for (const { type } of causesOf(error)) {
    if (typeof type === "string" && refusals.has(type)) return true
  }
  return false
}
