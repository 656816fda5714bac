import { Redis } from "ioredis"
import { isNotPrimary } from "./server-errors.ts"

/**
 * A command that takes longer counts as a Redis that is gone: every caller has a way to go on without it. Not shorter: an event
 * loop that lags for 100 ms would take a healthy Redis for a lost one, and move its load to PostgreSQL when it can least bear it.
 */
export const redisCommandTimeoutMs = 250
const reconnectDelayMs = 250

/** The password of a server that asks for one. ElastiCache accepts the old token beside the new one during a rotation. */
export interface RedisToken {
  /** The token as last read: ioredis needs it the moment it connects. */
  readonly current: string
  /** Reads it again. @throws Error when it cannot be read */
  readonly read: () => Promise<string>
}

/**
 * A connection that fails fast: nothing is queued while Redis is away, no command is retried, reconnecting goes on without end.
 * A server that says it is a replica is left for a new connection: after a failover it would refuse every write and answer every read.
 * Commands of one tick share a round trip (auto-pipelining). TLS comes with `rediss://`; the client reads
 * the token again when it loses its connection.
 */
export function redisClient(url: string, token?: RedisToken): Redis {
  const redis = new Redis(url, {
    ...(token !== undefined && { password: token.current }),
    commandTimeout: redisCommandTimeoutMs,
    connectTimeout: 1_000,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // The primary's name leads to the new primary as soon as it is known; this connection would stay with the old one.
    reconnectOnError: isNotPrimary,
    retryStrategy: () => {
      token?.read().then(usePassword, () => {})
      return reconnectDelayMs
    },
  })
  const usePassword = (password: string) => {
    redis.options.password = password
  }
  // Each command reports its own failure; the connection's error events would only repeat them.
  redis.on("error", () => {})
  return redis
}

/** Loads the scripts that were defined on the client into the server, so that no call has to send one. @throws ioredis' errors */
export async function loadScripts(redis: Redis): Promise<void> {
  const scripts = Object.values<{ readonly lua: string }>(redis.scriptsSet)
  await Promise.all(scripts.map(({ lua }) => redis.script("LOAD", lua)))
}
