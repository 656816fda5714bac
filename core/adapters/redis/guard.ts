import { once } from "node:events"
import type { Redis } from "ioredis"
import { count, logger } from "../telemetry.ts"
import { redisKeys } from "./keys.ts"
import { isRefusedCall, RedisAway } from "./server-errors.ts"

/** The answer of a Redis that is away. */
export const away = Symbol("Redis is away")

/** How often a Redis that was away is asked whether it is back. */
const redisProbeIntervalMs = 500

/**
 * A Redis that answers reads is asked for a write this often: a process that only reads would not notice that it reads a replica.
 */
export const writeProofIntervalMs = 2_000

/** After this many probes in vain the connection is made anew: one that died without a word never comes back by itself. */
const probesPerConnection = 3

/** When no probe ended for this long, the process was frozen and its timers stood still. */
const frozenAfterMs = 2 * redisProbeIntervalMs

/** How long a new process waits for its connection before it goes on without. */
const firstContactTimeoutMs = 1_000

/** A probe's key lives only this long. */
const probeTtlMs = 1_000

/** Waits until the connection stands, or that does not happen in time; never throws. */
export async function firstContact(redis: Redis): Promise<void> {
  if (redis.status === "ready") return
  await once(redis, "ready", { signal: AbortSignal.timeout(firstContactTimeoutMs) }).catch(() => {})
}

/**
 * Writes a key of its own.
 * @throws when Redis does not take a write: a replica and a full server answer PING, and are of no use
 */
export async function proveWritable(redis: Redis): Promise<void> {
  await redis.set(redisKeys.probe, "1", "PX", probeTtlMs)
}

/**
 * Stands between the callers and a Redis that may be gone: the first call that fails finds out for everyone, and until a probe of
 * its own is answered nobody else waits for a timeout. The probe is a write, because that is what the callers need.
 */
export interface RedisGuard {
  /** Asks, unless Redis is known to be away; `away` also when the call fails. */
  ask<T>(call: () => Promise<T>): Promise<T | typeof away>
  /**
   * The same for callers that cannot go on without.
   * @throws RedisAway with the call's error as its cause, and what Redis refuses
   */
  demand<T>(call: () => Promise<T>): Promise<T>
  readonly isAway: boolean
}

export function createRedisGuard(redis: Redis): RedisGuard {
  let awaySinceMs: number | undefined
  let probesInVain = 0
  let probeEndedAtMs = performance.now()
  let probing: Promise<void> | undefined
  let nextProbe: NodeJS.Timeout | undefined

  const probe = (): Promise<void> => {
    probing ??= runProbe().finally(() => {
      probing = undefined
      probeEndedAtMs = performance.now()
    })
    return probing
  }

  async function runProbe(): Promise<void> {
    clearTimeout(nextProbe)
    try {
      await proveWritable(redis)
      comeBack()
    } catch (error) {
      probesInVain += 1
      if (probesInVain % probesPerConnection === 0 && redis.status === "ready") redis.disconnect(true)
      nextProbe = setTimeout(probe, redisProbeIntervalMs).unref()
      leave(error)
    }
  }

  function leave(error: unknown): void {
    if (awaySinceMs !== undefined) return
    awaySinceMs = performance.now()
    logger.warn("Redis does not answer; PostgreSQL and the memory of this process stand in", { error: error as Error })
    // At once, for a busy process may have missed a timeout that Redis was in time for.
    void probe()
  }

  function comeBack(): void {
    probesInVain = 0
    if (awaySinceMs === undefined) return
    logger.info("Redis takes writes again; this process uses it again", { away_ms: Math.round(performance.now() - awaySinceMs) })
    awaySinceMs = undefined
  }

  /** Makes a call unless Redis is away; `without` says what comes of it otherwise. */
  async function attempt<T, U>(call: () => Promise<T>, without: (error?: unknown) => U): Promise<T | U> {
    const silentMs = performance.now() - probeEndedAtMs
    if (awaySinceMs === undefined) {
      if (silentMs > writeProofIntervalMs) void probe()
    } else {
      // What a process knew before it was frozen may be over.
      if (silentMs > frozenAfterMs) await probe()
      if (isAway()) return without()
    }
    try {
      return await call()
    } catch (error) {
      if (isRefusedCall(error)) logger.error("Redis refuses a call; its caller goes on without Redis", { error: error as Error })
      else leave(error)
      return without(error)
    }
  }

  function isAway(): boolean {
    return awaySinceMs !== undefined
  }

  redis.on("ready", () => {
    if (awaySinceMs !== undefined) void probe()
  })

  return {
    ask: (call) =>
      attempt(call, () => {
        count("redis.away")
        return away
      }),
    demand: (call) =>
      attempt(call, (cause) => {
        if (isRefusedCall(cause)) throw cause
        count("redis.away")
        throw new RedisAway("Redis is away", { cause })
      }),
    get isAway() {
      return isAway()
    },
  }
}
