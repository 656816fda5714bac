import * as z from "zod"
import { change, read } from "./command.ts"

const Generation = z.strictObject({
  generation: z.int().min(1),
  /** Its topic. */
  topic: z.string(),
  /** The operator that ended it, and when. Lost: what the writer had not read is not decided. */
  ended: z.strictObject({ lost: z.boolean(), by: z.string(), at: z.string() }).nullable(),
  /** Records that are not decided; null when the brokers do not tell. */
  waiting: z.int().min(0).nullable(),
  partitions: z.array(
    /** As Kafka counts, within the generation. */
    z.strictObject({ partition: z.int(), watermark: z.int(), end_offset: z.int().nullable() }),
  ),
})

export const Generations = z.strictObject({
  /** The generation that the functions use. */
  in_force: z.int().min(1),
  generations: z.array(Generation),
  /** SKUs whose sale puts requests into the queue, now or soon; at most 20. While there are any, no generation may end. */
  accepting: z.array(z.string()),
})
export type Generations = z.output<typeof Generations>

/** The generations of the topic of requests. */
export const generationCommands = {
  generations: read({}, Generations),
  /** Ends the generation in force, drained or lost; the next one is provisioned by a deployment. */
  "generation-end": change({ lost: z.boolean() }, Generations),
}
