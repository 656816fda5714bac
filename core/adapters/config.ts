import * as z from "zod"
import { topics } from "../contracts/topics.ts"
import { sentenceOf } from "./http/sentences.ts"

/** Environment of every function. */
export const stageEnvironment = {
  STAGE: z.string().default("local"),
  LOG_LEVEL: z.enum(["DEBUG", "INFO", "WARN", "ERROR"]).default("INFO"),
}
/** Environment of functions that talk to PostgreSQL; the password comes from credentials.ts. */
export const postgresEnvironment = { DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(50).default(4) }
/** Environment of functions that talk to Redis. */
export const redisEnvironment = { REDIS_URL: z.url({ protocol: /^rediss?$/ }) }
/** Environment of functions that talk to Kafka. A topic's second generation has another name, hence the variables. */
export const kafkaEnvironment = {
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((list) => list.split(",")),
  REQUESTS_TOPIC: z.string().default(topics.reservationRequests.name),
  EVENTS_TOPIC: z.string().default(topics.reservationEvents.name),
}

/**
 * Parses a function's environment once, at cold start.
 * @throws Error that names every missing or malformed variable at once.
 */
export function functionConfig<Shape extends z.ZodRawShape>(shape: Shape): z.output<z.ZodObject<Shape>> {
  const parsed = z.object(shape).safeParse(process.env, { error: sentenceOf })
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`)
  throw new Error(`The environment of this function is not complete:\n  ${faults.join("\n  ")}`)
}
