import { type TopicDefinition, topics } from "../../core/contracts/topics.ts"

/** The function of each consumer group, by its folder in lambdas/. */
const functionOf = {
  "inventory-batch-writer": "batch-writer",
  "event-reactor": "event-reactor",
} as const satisfies Record<(typeof topics)[keyof typeof topics]["groups"][number], string>

/** A consumer group of a topic, and the function that gets its records. */
export interface Source {
  readonly topic: keyof typeof topics
  readonly group: string
  readonly functionName: string
  readonly partitions: number
}

/**
 * Every consumer group of the table of topics, by the value of EVENT_SOURCE, such as
 * `reservationRequests/inventory-batch-writer`.
 */
export const sources: ReadonlyMap<string, Source> = new Map(
  Object.entries(topics as Record<string, TopicDefinition>).flatMap(([topic, { groups, partitions }]) =>
    groups.map((group): [string, Source] => [
      `${topic}/${group}`,
      { topic: topic as keyof typeof topics, group, functionName: functionOf[group as keyof typeof functionOf], partitions },
    ]),
  ),
)
