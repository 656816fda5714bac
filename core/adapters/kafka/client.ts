import { Kafka, type KafkaConfig, logLevel } from "kafkajs"
import { letIdleConnectionsRest } from "./idle-connections.ts"

/** Bounds of one attempt against a broker; producers bound the whole send themselves. */
export const kafkaConnectTimeoutMs = 1_000
export const kafkaRequestTimeoutMs = 2_000

/** How a client authenticates to the brokers (security.ts); absent means plain text. */
export type KafkaSecurity = Pick<KafkaConfig, "ssl" | "sasl">

export interface KafkaClientOptions {
  /** When a request counts as lost. */
  readonly requestTimeoutMs?: number
  readonly security?: KafkaSecurity
  /** The broker (`host:port`) with which connections begin. When it does not answer, the others follow in turn. */
  readonly firstBroker?: string
}

/** Makes a kafkajs client. No other function does. */
export const kafkaClient = (
  brokers: readonly string[],
  clientId: string,
  { requestTimeoutMs = kafkaRequestTimeoutMs, security = {}, firstBroker }: KafkaClientOptions = {},
): Kafka => {
  letIdleConnectionsRest()
  return new Kafka({
    clientId,
    brokers: inTurn(brokers, firstBroker),
    ...security,
    connectionTimeout: kafkaConnectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    logLevel: logLevel.NOTHING,
    retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 500 },
  })
}

/** Each new connection begins with another broker: a broker that hangs is not the first one for all connections. */
function inTurn(brokers: readonly string[], firstBroker?: string): () => string[] {
  let first = Math.floor(Math.random() * brokers.length)
  let next = firstBroker
  return () => {
    first = (first + 1) % Math.max(1, brokers.length)
    const turn = [...brokers.slice(first), ...brokers.slice(0, first)]
    if (next !== undefined) turn.unshift(next)
    next = undefined
    return turn
  }
}
