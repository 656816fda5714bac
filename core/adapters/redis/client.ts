import { Redis } from "ioredis"

/** A command that takes longer counts as a Redis that is gone: every caller has a way to go on without it. */
export const redisCommandTimeoutMs = 100
const reconnectDelayMs = 250

/**
 * A connection that fails fast: nothing is queued while Redis is away, no command is retried, reconnecting goes on for ever.
 * Commands of one tick share a round trip (auto-pipelining).
 */
export function redisClient(url: string): Redis {
  const redis = new Redis(url, {
    commandTimeout: redisCommandTimeoutMs,
    connectTimeout: 1_000,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => reconnectDelayMs,
  })
  // Each command reports its own failure; the connection's error events would only repeat them.
  redis.on("error", () => {})
  return redis
}
