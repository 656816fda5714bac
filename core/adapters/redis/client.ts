import { Redis } from "ioredis"
import { isNotPrimary } from "./server-errors.ts"

/**
 * When a command takes longer, Redis counts as unavailable: every caller can go on without it. The time is not shorter, because a
 * process whose event loop lags for 100 ms would treat a healthy Redis as unavailable, and move its load to PostgreSQL during a
 * rush.
 */
export const redisCommandTimeoutMs = 250
const reconnectDelayMs = 250

/** The password of a server that asks for one. ElastiCache accepts the old token beside the new one during a rotation. */
export interface RedisToken {
  /** The token that was read last: ioredis needs it at the moment it connects. */
  readonly current: string
  /** Reads it again. @throws Error when it cannot be read */
  readonly read: () => Promise<string>
}

/**
 * A connection that fails fast: nothing is queued while Redis is unavailable, no command is retried, reconnecting goes on without
 * end. When the server says that it is a replica, the client makes a new connection: after a failover the old server would refuse
 * every write and answer every read. Commands of one tick share a round trip (auto-pipelining). The scripts that their callers
 * batch are sent by themselves: a pipeline of one command costs as much as the command. `rediss://` means TLS. The client
 * reads the token again when it loses its connection.
 */
export function redisClient(url: string, token?: RedisToken): Redis {
  const redis = new Redis(url, {
    ...(token !== undefined && { password: token.current }),
    commandTimeout: redisCommandTimeoutMs,
    connectTimeout: 1_000,
    enableAutoPipelining: true,
    autoPipeliningIgnoredCommands: ["admit", "markQueued"],
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // After a failover the primary's name leads to the new primary; this connection would stay with the old one.
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
