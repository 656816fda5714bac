import type { Redis } from "ioredis"
import { redisKeys } from "./keys.ts"

/** Keys that Redis looks at in one step of a walk. */
const keysPerStep = 1_000
/** Steps of a walk: it ends after so many, whatever is left. */
const maxSteps = 500

/** What a Redis server says of itself. */
export interface ServerState {
  readonly role: string
  readonly usedBytes: number
  /** 0 without a limit. */
  readonly limitBytes: number
  readonly policy: string
  /** Of each replica that is connected: how many bytes of the stream of changes it lacks. */
  readonly replicaLagBytes: readonly number[]
}

/** Reads what the server says of its memory and its replicas. @throws when Redis does not answer, as every function here */
export async function readServerState(redis: Redis): Promise<ServerState> {
  const [memory, replication] = await Promise.all([redis.info("memory"), redis.info("replication")])
  const fields = new Map(
    `${memory}\n${replication}`
      .split(/\r?\n/)
      .map((line) => line.split(":"))
      .flatMap(([name, ...rest]) => (name === undefined || rest.length === 0 ? [] : [[name, rest.join(":")] as const])),
  )
  const number = (name: string) => Number(fields.get(name) ?? 0)
  const written = number("master_repl_offset")
  const replicas = [...fields].flatMap(([name, value]) => (/^slave\d+$/.test(name) ? [value] : []))
  return {
    role: fields.get("role") ?? "unknown",
    usedBytes: number("used_memory"),
    limitBytes: number("maxmemory"),
    policy: fields.get("maxmemory_policy") ?? "unknown",
    replicaLagBytes: replicas.map((replica) => written - Number(/offset=(\d+)/.exec(replica)?.[1] ?? 0)),
  }
}

/** Redis' clock, in milliseconds since 1970. */
export async function redisTimeMs(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time()
  return Number(seconds) * 1_000 + Number(microseconds) / 1_000
}

/** Rate limits that are not full: somebody sent requests lately. */
export interface UsedLimits {
  readonly count: number
  /** How long until the last of them is full again, and so gone. */
  readonly longestMs: number
  /** False when there were too many keys to see them all. */
  readonly isAll: boolean
}

/** Walks over the rate limits of users and sources, in short steps: Redis serves others in between. */
export async function readUsedLimits(redis: Redis): Promise<UsedLimits> {
  const seen = new Set<string>()
  let longestMs = 0
  let cursor = "0"
  let steps = 0
  do {
    const [next, keys] = await redis.scan(cursor, "COUNT", keysPerStep)
    const limits = keys.filter((key) => isLimit(key) && !seen.has(key))
    for (const key of limits) seen.add(key)
    const left = await Promise.all(limits.map((key) => redis.pttl(key)))
    longestMs = Math.max(longestMs, ...left)
    cursor = next
    steps += 1
  } while (cursor !== "0" && steps < maxSteps)
  return { count: seen.size, longestMs, isAll: cursor === "0" }
}

const prefixes = [redisKeys.bucket(""), redisKeys.source("")]
const isLimit = (key: string) => prefixes.some((prefix) => key.startsWith(prefix))
