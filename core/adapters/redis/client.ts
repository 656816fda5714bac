import { Redis } from "ioredis"
import { hasSecret, readSecret } from "../credentials.ts"
import { isNotPrimary } from "./server-errors.ts"

/**
 * A command that takes longer counts as a Redis that is gone: every caller has a way to go on without it. Not shorter: an event
 * loop that lags for 100 ms would take a healthy Redis for a lost one, and move its load to PostgreSQL when it can least bear it.
 */
export const redisCommandTimeoutMs = 250
const reconnectDelayMs = 250

const readToken = async () => (hasSecret("REDIS_AUTH_TOKEN") ? await readSecret("REDIS_AUTH_TOKEN") : undefined)

/**
 * Read ahead, for ioredis wants it the moment it dials. ElastiCache honours the old token beside the new while one is exchanged.
 */
let authToken = await readToken()

/**
 * A connection that fails fast: nothing is queued while Redis is away, no command is retried, reconnecting goes on without end. A
 * server that says it is a replica is left for a new connection: after a failover it would refuse every write and answer every
 * read. Commands of one tick share a round trip (auto-pipelining). TLS comes with `rediss://`, the password with
 * REDIS_AUTH_TOKEN; a new token is noticed when a connection is lost.
 */
export function redisClient(url: string): Redis {
  const redis = new Redis(url, {
    ...(authToken !== undefined && { password: authToken }),
    commandTimeout: redisCommandTimeoutMs,
    connectTimeout: 1_000,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // The primary's name leads to the new primary as soon as it is known; this connection would stay with the old one.
    reconnectOnError: isNotPrimary,
    retryStrategy: () => {
      readToken().then(renew, () => {})
      return reconnectDelayMs
    },
  })
  const renew = (token: string | undefined) => {
    if (token === undefined) return
    authToken = token
    redis.options.password = token
  }
  // Each command reports its own failure; the connection's error events would only repeat them.
  redis.on("error", () => {})
  return redis
}
