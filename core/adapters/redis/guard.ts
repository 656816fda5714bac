import { once } from "node:events"
import type { Redis } from "ioredis"
import { count, logger } from "../telemetry.ts"
import { redisKeys } from "./keys.ts"
import { isRefusedCall, RedisAway } from "./server-errors.ts"

/** The result of a call while Redis is away: it does not answer, or it takes no writes. */
export const away = Symbol("Redis is away")

/** How often the guard probes a Redis that is away. */
const redisProbeIntervalMs = 500

/**
 * How often the guard writes to a Redis that answers: a process that only reads would not notice that it reads from a replica.
 */
export const writeProofIntervalMs = 2_000

/** After this many failed probes the guard makes a new connection: a connection that was lost without an error never recovers. */
const probesPerConnection = 3

/** When no probe ended for this long, the process was frozen and its timers did not run. */
const frozenAfterMs = 2 * redisProbeIntervalMs

/** How long a new process waits for its connection before it goes on without Redis. */
const firstContactTimeoutMs = 1_000

/** A probe's key lives only this long. */
const probeTtlMs = 1_000

/** Waits until the connection is ready, or until the time is over. Never throws. */
export async function firstContact(redis: Redis): Promise<void> {
  if (redis.status === "ready") return
  await once(redis, "ready", { signal: AbortSignal.timeout(firstContactTimeoutMs) }).catch(() => {})
}

/**
 * Writes a key that nothing else uses.
 * @throws when Redis does not take the write. PING is not enough: a replica and a full server answer it, and take no writes.
 */
export async function proveWritable(redis: Redis): Promise<void> {
  await redis.set(redisKeys.probe, "1", "PX", probeTtlMs)
}

/**
 * Protects callers from the timeouts of a Redis that is away. After the first failed call, no other call goes to Redis until a
 * probe of the guard succeeds. The probe is a write, because the callers need writes.
 */
export interface RedisGuard {
  /** Makes the call, unless Redis is away. @returns `away` when Redis is away or the call fails */
  ask<T>(call: () => Promise<T>): Promise<T | typeof away>
  /**
   * The same for callers that cannot go on without Redis.
   * @throws RedisAway with the call's error as its cause; the error itself when Redis refuses the call
   */
  demand<T>(call: () => Promise<T>): Promise<T>
  readonly isAway: boolean
}

/**
 * Probes Redis with a write: one probe at a time, and after a failure another one after a pause.
 * @param onEnd called with the error of a failed probe, and without one after a success
 */
function createProbe(redis: Redis, onEnd: (error?: unknown) => void) {
  let failures = 0
  let endedAtMs = performance.now()
  let running: Promise<void> | undefined
  let next: NodeJS.Timeout | undefined

  const run = (): Promise<void> => {
    running ??= probeOnce().finally(() => {
      running = undefined
      endedAtMs = performance.now()
    })
    return running
  }

  async function probeOnce(): Promise<void> {
    clearTimeout(next)
    try {
      await proveWritable(redis)
      failures = 0
      onEnd()
    } catch (error) {
      failures += 1
      if (failures % probesPerConnection === 0 && redis.status === "ready") redis.disconnect(true)
      next = setTimeout(run, redisProbeIntervalMs).unref()
      onEnd(error)
    }
  }

  return { run, endedMsAgo: (): number => performance.now() - endedAtMs }
}

export function createRedisGuard(redis: Redis): RedisGuard {
  let awaySinceMs: number | undefined
  const probe = createProbe(redis, (error) => (error === undefined ? comeBack() : leave(error)))

  function leave(error: unknown): void {
    if (awaySinceMs !== undefined) return
    awaySinceMs = performance.now()
    logger.warn("Redis does not answer; this process goes on with PostgreSQL and its own memory", { error: error as Error })
    // At once: Redis may have answered in time, and this process may have been too busy to read the answer.
    void probe.run()
  }

  function comeBack(): void {
    if (awaySinceMs === undefined) return
    logger.info("Redis takes writes again; this process uses it again", { away_ms: Math.round(performance.now() - awaySinceMs) })
    awaySinceMs = undefined
  }

  /** Makes a call unless Redis is away; `without` gives the result when there is no answer. */
  async function attempt<T, U>(call: () => Promise<T>, without: (error?: unknown) => U): Promise<T | U> {
    count("redis.asked")
    const silentMs = probe.endedMsAgo()
    if (awaySinceMs === undefined) {
      if (silentMs > writeProofIntervalMs) void probe.run()
    } else {
      // The process was frozen: Redis may be back since.
      if (silentMs > frozenAfterMs) await probe.run()
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
    if (awaySinceMs !== undefined) void probe.run()
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
