import { Kafka, logLevel } from "kafkajs"
import { kafkaSecurity } from "./security.ts"

/** Bounds of one attempt against a broker; producers bound the whole send themselves. */
export const kafkaConnectTimeoutMs = 1_000
export const kafkaRequestTimeoutMs = 2_000

/**
 * The one place that makes a kafkajs client; KAFKA_AUTH says how it proves who it is.
 * @param requestTimeoutMs when a request counts as lost
 */
export const kafkaClient = (
  brokers: readonly string[],
  clientId: string,
  requestTimeoutMs: number = kafkaRequestTimeoutMs,
): Kafka =>
  new Kafka({
    clientId,
    brokers: inTurn(brokers),
    ...kafkaSecurity(),
    connectionTimeout: kafkaConnectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    logLevel: logLevel.NOTHING,
    retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 500 },
  })

/** Each connection that is made begins with another broker: one that hangs does not stand first for all of them. */
function inTurn(brokers: readonly string[]): () => string[] {
  let first = Math.floor(Math.random() * brokers.length)
  return () => {
    first = (first + 1) % Math.max(1, brokers.length)
    return [...brokers.slice(first), ...brokers.slice(0, first)]
  }
}
