import { Kafka, logLevel } from "kafkajs"
import { kafkaSecurity } from "./security.ts"

/** Bounds of one attempt against a broker; producers bound the whole send themselves. */
export const kafkaConnectTimeoutMs = 1_000
export const kafkaRequestTimeoutMs = 2_000

/** The one place that makes a kafkajs client; KAFKA_AUTH says how it proves who it is. */
export const kafkaClient = (brokers: readonly string[], clientId: string): Kafka =>
  new Kafka({
    clientId,
    brokers: [...brokers],
    ...kafkaSecurity(),
    connectionTimeout: kafkaConnectTimeoutMs,
    requestTimeout: kafkaRequestTimeoutMs,
    enforceRequestTimeout: true,
    logLevel: logLevel.NOTHING,
    retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 500 },
  })
