import * as z from "zod"
import { sentenceOf } from "../adapters/http/sentences.ts"
import { nameService } from "../adapters/telemetry.ts"
import { createSpanFile } from "../adapters/tracing/span-file.ts"
import { recordSpansIn } from "../adapters/tracing/spans.ts"
import { createXRaySink } from "../adapters/tracing/xray-daemon.ts"
import { kafkaAuths, tokenKinds } from "../contracts/environment.ts"
import { mostGenerations, topics } from "../contracts/topics.ts"

/** Environment of every function. */
export const stageEnvironment = {
  STAGE: z.string().default("local"),
  LOG_LEVEL: z.enum(["DEBUG", "INFO", "WARN", "ERROR"]).default("INFO"),
}
/** Environment of functions that use PostgreSQL; the login comes from postgres.ts. */
export const postgresEnvironment = { DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(50).default(4) }
/** Environment of functions that use Redis. */
export const redisEnvironment = { REDIS_URL: z.url({ protocol: /^rediss?$/ }) }
/**
 * Whether a process runs its hot paths before it serves (`on`, `off`), and the number of the Redis database that it uses for
 * that; sales are in database 0. Environments that Lambda starts ahead begin their warm-up within WARM_UP_SPREAD_MS after each
 * other: hundreds of them at once would pass MSK's 100 new connections a second for each broker. The stage computes the time
 * from how many start together (lib/capacity/start-spread.ts).
 */
export const warmUpEnvironment = {
  WARM_UP: z.enum(["on", "off"]).default("off"),
  WARM_UP_REDIS_DATABASE: z.coerce.number().int().min(1).default(1),
  WARM_UP_SPREAD_MS: z.coerce.number().int().min(0).default(0),
}
/** The topic of the requests, and the number of its generation, which is in its name from the second on. */
export const requestsEnvironment = {
  REQUESTS_TOPIC: z.string().default(topics.reservationRequests.name),
  REQUESTS_GENERATION: z.coerce.number().int().min(1).max(mostGenerations).default(1),
}
/** Environment of functions that use Kafka. */
export const kafkaEnvironment = {
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((list) => list.split(",")),
  ...requestsEnvironment,
  EVENTS_TOPIC: z.string().default(topics.reservationEvents.name),
  ORDERS_TOPIC: z.string().default(topics.ordersConfirmed.name),
  DEAD_LETTERS_TOPIC: z.string().default(topics.deadLetters.name),
}
/** How the functions authenticate to the brokers; Lambda sets AWS_REGION. */
export const kafkaAuthEnvironment = { KAFKA_AUTH: z.enum(kafkaAuths).default("none"), AWS_REGION: z.string().default("") }
/**
 * Environment of functions whose callers carry tokens. With Cognito the audience is the ids of its app clients,
 * comma-separated.
 */
export const tokenEnvironment = {
  TOKEN_ISSUER: z.string().min(1),
  TOKEN_AUDIENCE: z.string().min(1),
  TOKEN_JWKS_URI: z.url(),
  TOKEN_KIND: z.enum(tokenKinds).default("oidc"),
}
/**
 * The bucket with object lock that keeps the heads of the ledger; the local run has none. LEDGER_ARCHIVE_URL is only for a
 * bucket that is not at S3's own address.
 */
export const archiveEnvironment = { LEDGER_ARCHIVE_BUCKET: z.string().optional(), LEDGER_ARCHIVE_URL: z.url().optional() }
/** The role of a function; Lambda sets and renews it. */
export const roleEnvironment = {
  AWS_REGION: z.string(),
  AWS_ACCESS_KEY_ID: z.string(),
  AWS_SECRET_ACCESS_KEY: z.string(),
  AWS_SESSION_TOKEN: z.string().optional(),
}

/** Values of variables; undefined for a variable that is not set. */
export type Variables = Readonly<Record<string, string | undefined>>

const unchanged: Variables = {}
let changed = unchanged

/**
 * A variable of the environment, or the value that a warm-up gives it. Everything that opens a part of a function reads its
 * variables here or through functionConfig.
 */
export const variable = (name: string): string | undefined => (name in changed ? changed[name] : process.env[name])

/** The changes in force, another object for each warm-up: what was made for one environment is not used in another. */
export const environmentInUse = (): Variables => changed

/** True while the process warms up. Nothing outside the process can set it. */
export const isWarmingUp = (): boolean => changed !== unchanged

/**
 * Does the work of a warm-up, in an environment in which some variables have other values. Nothing else may open a part
 * meanwhile.
 */
export async function inWarmUpEnvironment<Result>(variables: Variables, work: () => Promise<Result>): Promise<Result> {
  changed = variables
  try {
    return await work()
  } finally {
    changed = unchanged
  }
}

// Log lines and metrics carry the name of the function that wrote them.
if (process.env.SERVICE_NAME !== undefined) nameService(process.env.SERVICE_NAME)

// Spans of traced requests go to the X-Ray daemon, which Lambda runs beside the function; locally into a file of this process.
const { AWS_XRAY_DAEMON_ADDRESS: daemon, TRACES_DIR: tracesDirectory, SERVICE_NAME: part = "flash-sale" } = process.env
if (daemon !== undefined) recordSpansIn(createXRaySink(daemon, part))
else if (tracesDirectory !== undefined) recordSpansIn(createSpanFile(tracesDirectory, part))

/**
 * Parses the environment of a function once, at cold start.
 * @throws Error that names every missing and every malformed variable
 */
export function functionConfig<Shape extends z.ZodRawShape>(shape: Shape): z.output<z.ZodObject<Shape>> {
  const parsed = z.object(shape).safeParse({ ...process.env, ...changed }, { error: sentenceOf })
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`)
  throw new Error(`The environment of this function is not complete:\n  ${faults.join("\n  ")}`)
}
