import { randomUUID } from "node:crypto"
import { inject } from "vitest"
import { type TopicKey, topics } from "../../core/contracts/topics.ts"
import { provisionLog } from "../../local/provision.ts"

export interface TestTopics {
  /** REQUESTS_TOPIC of the functions; its watermarks are in the database given. */
  readonly requests: string
  /** EVENTS_TOPIC of the functions. */
  readonly events: string
  /** ORDERS_TOPIC of the functions. */
  readonly orders: string
  /** DEAD_LETTERS_TOPIC of the functions. */
  readonly deadLetters: string
}

/** The topics of the system, under names that no other test uses, provisioned as in a deployment. */
export async function freshTopics(options: {
  databaseUrl: string
  partitions?: number
  kafkaBrokers?: string
}): Promise<TestTopics> {
  const suffix = randomUUID().slice(0, 8)
  const named = (topic: (typeof topics)[TopicKey]) => ({
    ...topic,
    name: `${topic.name}-${suffix}`,
    partitions: options.partitions ?? topic.partitions,
  })
  const requests = named(topics.reservationRequests)
  const events = named(topics.reservationEvents)
  const orders = named(topics.ordersConfirmed)
  const deadLetters = { ...named(topics.deadLetters), partitions: topics.deadLetters.partitions }
  await provisionLog({
    databaseUrl: options.databaseUrl,
    brokers: options.kafkaBrokers ?? inject("services").kafkaBrokers,
    definitions: [requests, events, orders, deadLetters],
  })
  return { requests: requests.name, events: events.name, orders: orders.name, deadLetters: deadLetters.name }
}
