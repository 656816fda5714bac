const hour = 60 * 60 * 1_000
const days = 24 * hour

/** How a topic is provisioned. The same table serves `cdk synth` and the local run. */
export interface TopicDefinition {
  readonly name: string
  readonly partitions: number
  readonly retentionMs: number
  /** Consumer groups that read the topic; each is a process of its own locally and an event source mapping on AWS. */
  readonly groups: readonly string[]
  /** True when PostgreSQL keeps a watermark for each of its partitions (`partition_progress`). */
  readonly watermarked: boolean
}

/**
 * The topics of the system. A second generation of `reservation-requests` must have another name:
 * offsets are identities here, and a recreated topic would reuse them.
 */
export const topics = {
  reservationRequests: {
    name: "reservation-requests",
    partitions: 10,
    retentionMs: 7 * days,
    groups: ["inventory-batch-writer"],
    watermarked: true,
  },
  reservationEvents: {
    name: "reservation-events",
    partitions: 10,
    retentionMs: 7 * days,
    groups: ["event-reactor"],
    watermarked: false,
  },
} as const satisfies Record<string, TopicDefinition>

/** Processes that warm up send their requests and events to this topic. Nothing reads it. */
export const warmUpTopic: TopicDefinition = { name: "warm-up", partitions: 1, retentionMs: hour, groups: [], watermarked: false }

/** Settings of every topic where three brokers run: two in-sync replicas still accept writes when one broker is lost. */
export const replication = { factor: 3, minInSyncReplicas: 2, uncleanLeaderElection: false } as const
