import { mostGenerations } from "../domain/log-generations.ts"

const hour = 60 * 60 * 1_000
const days = 24 * hour

/** How a topic is provisioned. The same table serves `cdk synth` and the local run. */
export interface TopicDefinition {
  readonly name: string
  readonly partitions: number
  readonly retentionMs: number
  /** True when PostgreSQL keeps a watermark for each of its partitions (`partition_progress`). */
  readonly watermarked: boolean
  /** Of a later generation of the requests: the first offset, over all generations (core/domain/log-generations.ts). */
  readonly firstOffset?: number
}

/**
 * The topics of the system. Offsets of `reservation-requests` are identities, and a recreated topic would use them again: each
 * generation of it is a topic of its own (requestsTopicOf), and the name here is that of the first.
 */
export const topics = {
  reservationRequests: {
    name: "reservation-requests",
    partitions: 10,
    retentionMs: 7 * days,
    watermarked: true,
  },
  reservationEvents: {
    name: "reservation-events",
    partitions: 10,
    retentionMs: 7 * days,
    watermarked: false,
  },
  /** Paid and refunded orders, for a warehouse: its consumers are not ours. */
  ordersConfirmed: {
    name: "orders-confirmed",
    partitions: 10,
    retentionMs: 30 * days,
    watermarked: false,
  },
  /** Events that a consumer group cannot read, with where they were and why. */
  deadLetters: {
    name: "dead-letters",
    partitions: 1,
    retentionMs: 30 * days,
    watermarked: false,
  },
} as const satisfies Record<string, TopicDefinition>

export type TopicKey = keyof typeof topics

/** Generations that the requests may have. */
export const mostRequestsGenerations = mostGenerations

/**
 * The topic of a generation of the requests: the first has the plain name, a later one its number behind it.
 * @param first the name of the first generation; tests have their own
 */
export const requestsTopicOf = (generation: number, first: string = topics.reservationRequests.name): string =>
  generation === 1 ? first : `${first}-${generation}`

/** Processes that warm up send their requests and events to this topic. Nothing reads it. */
export const warmUpTopic: TopicDefinition = { name: "warm-up", partitions: 1, retentionMs: hour, watermarked: false }

/** Settings of every topic where three brokers run: two in-sync replicas still accept writes when one broker is lost. */
export const replication = { factor: 3, minInSyncReplicas: 2, uncleanLeaderElection: false } as const
