import { requestsTopicOf, type TopicKey } from "./topics.ts"

/** How the records of a topic are delivered to the function of one consumer group. */
export interface EventSourceConfig {
  /** Records of one delivery. */
  readonly batchSize: number
  /** How long records are collected for a delivery. Half a second, which is Lambda's default, would break the service level. */
  readonly maximumBatchingWindowSeconds: number
  /** On AWS. Pollers are fixed (min = max): they do not scale up in time for a sale. */
  readonly pollers: { readonly minimum: number; readonly maximum: number }
  /** -1 retries without end. */
  readonly retryAttempts: number
  /** Must stay absent: with a destination Lambda retries ten times only, and an outage would drop records. */
  readonly onFailureTopic?: string
  /** Partitions that one consumer process works on at the same time; on AWS the function has an environment for each. */
  readonly concurrency: number
}

/** A group of consumers: each of its records goes to one of them. */
export interface ConsumerGroup {
  readonly topic: TopicKey
  /** The function that gets the records, by its folder in lambdas/. */
  readonly lambda: string
  /** True when shoppers wait for its work: it may not collect records, and locally it runs at full priority. */
  readonly isWaitedFor: boolean
  readonly eventSource: EventSourceConfig
}

/**
 * Every consumer group of the system, by its name at the brokers. Each is a process of its own locally and an event source
 * mapping of its own on AWS, so that none waits for another.
 */
export const consumerGroups = {
  "inventory-batch-writer": {
    topic: "reservationRequests",
    lambda: "batch-writer",
    isWaitedFor: true,
    eventSource: {
      batchSize: 2_000,
      maximumBatchingWindowSeconds: 0,
      pollers: { minimum: 2, maximum: 2 },
      retryAttempts: -1,
      concurrency: 10,
    },
  },
  "event-reactor": {
    topic: "reservationEvents",
    lambda: "event-reactor",
    isWaitedFor: true,
    eventSource: {
      batchSize: 500,
      maximumBatchingWindowSeconds: 0,
      pollers: { minimum: 1, maximum: 1 },
      retryAttempts: -1,
      concurrency: 10,
    },
  },
  analytics: {
    topic: "reservationEvents",
    lambda: "analytics",
    isWaitedFor: false,
    // Large deliveries: each is one write of figures, whatever the number of its events.
    eventSource: {
      batchSize: 5_000,
      maximumBatchingWindowSeconds: 1,
      pollers: { minimum: 1, maximum: 1 },
      retryAttempts: -1,
      concurrency: 10,
    },
  },
  /** Few environments: together they send no more mails a second than the provider takes (lib/guardrails/mail.ts). */
  notifier: {
    topic: "reservationEvents",
    lambda: "notifier",
    isWaitedFor: false,
    eventSource: {
      batchSize: 100,
      maximumBatchingWindowSeconds: 1,
      pollers: { minimum: 1, maximum: 1 },
      retryAttempts: -1,
      concurrency: 2,
    },
  },
  fulfilment: {
    topic: "reservationEvents",
    lambda: "fulfilment",
    isWaitedFor: false,
    eventSource: {
      batchSize: 500,
      maximumBatchingWindowSeconds: 1,
      pollers: { minimum: 1, maximum: 1 },
      retryAttempts: -1,
      concurrency: 5,
    },
  },
} as const satisfies Record<string, ConsumerGroup>

export type GroupName = keyof typeof consumerGroups

/** The table as its interface, for code that treats all groups the same. */
export const consumerGroup = (name: GroupName): ConsumerGroup => consumerGroups[name]

/** The names of all groups, of one topic or of all. */
export const groupNames = (topic?: TopicKey): readonly GroupName[] =>
  (Object.keys(consumerGroups) as GroupName[]).filter((name) => topic === undefined || consumerGroups[name].topic === topic)

export const isGroupName = (name: string): name is GroupName => name in consumerGroups

/**
 * The id of a group at the brokers: its name, and for a group of the requests the number of the generation from the second on.
 * Lambda takes an id for one event source mapping only ("must be unique among all your Kafka event sources", CloudFormation's
 * AmazonManagedKafkaEventSourceConfig), and the mapping of a generation is made before that of the one before goes.
 */
export const groupIdOf = (name: GroupName, generation: number): string =>
  consumerGroup(name).topic === "reservationRequests" ? requestsTopicOf(generation, name) : name
