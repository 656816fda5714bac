import { Kafka, logLevel } from "kafkajs"

/** Bounds of one attempt against a broker; producers bound the whole send themselves. */
export const kafkaConnectTimeoutMs = 1_000
export const kafkaRequestTimeoutMs = 2_000

/** The one place that makes a kafkajs client; authentication on MSK is added here. */
export const kafkaClient = (brokers: readonly string[], clientId: string): Kafka =>
  new Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: kafkaConnectTimeoutMs,
    requestTimeout: kafkaRequestTimeoutMs,
    enforceRequestTimeout: true,
    logLevel: logLevel.NOTHING,
    retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 500 },
  })
