import { once } from "node:events"
import type { Redis } from "ioredis"
import { logger } from "../telemetry.ts"

/** The answer of a Redis that is away. */
export const away = Symbol("Redis is away")

/** How often a Redis that was away is asked whether it is back. */
const redisProbeIntervalMs = 500

/** After this many probes in vain the connection is made anew: one that died without a word never comes back by itself. */
const probesPerConnection = 3

/** How long a new process waits for its connection before it goes on without. */
const firstContactTimeoutMs = 1_000

/** Waits until the connection stands, or that does not happen in time; never throws. */
export async function firstContact(redis: Redis): Promise<void> {
  if (redis.status === "ready") return
  await once(redis, "ready", { signal: AbortSignal.timeout(firstContactTimeoutMs) }).catch(() => {})
}

/**
 * Stands between the callers and a Redis that may be gone: the first call that fails finds out for everyone, and until a probe of
 * its own is answered nobody else waits for a timeout.
 */
export interface RedisGuard {
  /** Asks, unless Redis is known to be away; `away` also when the call fails. */
  ask<T>(call: () => Promise<T>): Promise<T | typeof away>
  readonly isAway: boolean
}

export function createRedisGuard(redis: Redis): RedisGuard {
  let isAway = false
  let probesInVain = 0

  const leave = (error: unknown) => {
    if (isAway) return
    isAway = true
    logger.warn("Redis is away; PostgreSQL and the memory of this process stand in", { error: error as Error })
    // At once, for a busy process may have missed a timeout that Redis was in time for.
    void probe()
  }
  const probe = async () => {
    try {
      await redis.ping()
      isAway = false
      probesInVain = 0
    } catch {
      probesInVain += 1
      if (probesInVain % probesPerConnection === 0 && redis.status === "ready") redis.disconnect(true)
      setTimeout(probe, redisProbeIntervalMs).unref()
    }
  }

  return {
    async ask(call) {
      if (isAway) return away
      try {
        return await call()
      } catch (error) {
        leave(error)
        return away
      }
    },
    get isAway() {
      return isAway
    },
  }
}
