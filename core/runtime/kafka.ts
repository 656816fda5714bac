import type { Kafka } from "kafkajs"
import { type KafkaClientOptions, type KafkaSecurity, kafkaClient } from "../adapters/kafka/client.ts"
import { createGroupOffsets, type GroupOffsets } from "../adapters/kafka/group-offsets.ts"
import { createEndOffsets, type EndOffsets } from "../adapters/kafka/offsets.ts"
import { kafkaSecurity } from "../adapters/kafka/security.ts"
import { type TopicDefinition, type TopicKey, topics } from "../contracts/topics.ts"
import { functionConfig, kafkaAuthEnvironment, kafkaEnvironment } from "./environment.ts"
import type { Resources } from "./lifecycle.ts"
import { requestsLog } from "./requests-log.ts"
import { readSecret } from "./secrets.ts"

/** A client of the brokers of the environment; it connects when a producer or an admin connection of it is used. */
export function openKafka(clientId: string, options: Omit<KafkaClientOptions, "security"> = {}): Kafka {
  const { KAFKA_BROKERS } = functionConfig(kafkaEnvironment)
  return kafkaClient(KAFKA_BROKERS, clientId, { ...options, security: environmentSecurity() })
}

/** How the functions authenticate to the brokers (KAFKA_AUTH). @throws Error when KAFKA_AUTH has an unknown value */
export function environmentSecurity(): KafkaSecurity {
  const { KAFKA_AUTH: auth, AWS_REGION: region } = functionConfig(kafkaAuthEnvironment)
  return kafkaSecurity({ auth, region, readLogin: () => readSecret("KAFKA_LOGIN") })
}

/** The names of the topics in the environment. */
export function environmentTopics(): Readonly<Record<TopicKey, string>> {
  const { REQUESTS_TOPIC, EVENTS_TOPIC, ORDERS_TOPIC, DEAD_LETTERS_TOPIC } = functionConfig(kafkaEnvironment)
  return {
    reservationRequests: REQUESTS_TOPIC,
    reservationEvents: EVENTS_TOPIC,
    ordersConfirmed: ORDERS_TOPIC,
    deadLetters: DEAD_LETTERS_TOPIC,
  }
}

/** The topics of the environment, as they are provisioned. */
export function environmentDefinitions(): readonly TopicDefinition[] {
  const { firstOffset } = requestsLog()
  const names = environmentTopics()
  const definitions = (Object.entries(names) as [TopicKey, string][]).map(
    ([key, name]): TopicDefinition => ({ ...topics[key], name }),
  )
  return definitions.map((each) => (each.watermarked ? { ...each, firstOffset } : each))
}

/** Reads the offsets of consumer groups over one admin connection, made at the first read. */
export const openGroupOffsets = (resources: Resources, clientId: string): GroupOffsets =>
  resources.own(createGroupOffsets(openKafka(clientId)), { close: (offsets) => offsets.close() })

/** Reads end offsets over one admin connection, made at the first read. */
export const openEndOffsets = (resources: Resources, clientId: string): EndOffsets =>
  resources.own(createEndOffsets(openKafka(clientId), requestsLog().firstOffsetOf), { close: (endOffsets) => endOffsets.close() })
