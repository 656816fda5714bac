import * as z from "zod"
import { read } from "./command.ts"

const Broker = z.strictObject({ id: z.int(), address: z.string(), is_controller: z.boolean() })

export const TopicView = z.strictObject({
  /** Its name at the brokers. */
  name: z.string(),
  /** False: the brokers do not know it. */
  exists: z.boolean(),
  /** Records that Kafka keeps: from the begin offsets to the end offsets. */
  records: z.int(),
  retention_ms: z.number().nullable(),
  /** What is not as this version provisions it; an empty list is good. */
  differences: z.array(z.string()),
  partitions: z.array(
    z.strictObject({
      partition: z.int(),
      /** Null: no broker leads it, so that nothing can be read or written. */
      leader: z.int().nullable(),
      replicas: z.array(z.int()),
      in_sync: z.array(z.int()),
      begin_offset: z.int().nullable(),
      end_offset: z.int().nullable(),
    }),
  ),
})
export type TopicView = z.output<typeof TopicView>

export const Topics = z.strictObject({ brokers: z.array(Broker), topics: z.array(TopicView) })
export type Topics = z.output<typeof Topics>

/** The brokers and the topics. */
export const topicCommands = {
  /** Every topic of the system, or one of them. */
  topics: read({ topic: z.string().min(1).max(249).optional() }, Topics),
}
