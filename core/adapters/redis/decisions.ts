import { setTimeout as delay } from "node:timers/promises"
import type { Redis } from "ioredis"
import { isDecided, type ReservationView } from "../../domain/reservation-view.ts"
import { logger } from "../telemetry.ts"
import { away, type RedisGuard } from "./guard.ts"
import { redisKeys } from "./keys.ts"
import { decodeLivingView } from "./reservation-codec.ts"
import lifetimesScript from "./scripts/lifetimes.lua"

/** How often the process reads the awaited decisions from Redis, and from PostgreSQL while Redis is away. */
const decisionPollMs = 5
const fallbackPollMs = 50
/** Ids in one read. When more wait, they take turns. */
export const maxIdsPerPoll = 500
/** Requests of a process that wait at once. A further request does not wait: its answer is its position in the queue. */
export const maxWaiting = 5_000

export interface DecisionWaiter {
  /** Waits for the decision of a request at most `waitMs`. Undefined when there is none yet, or too many wait. Never throws. */
  wait(id: string, waitMs: number): Promise<ReservationView | undefined>
}

export interface DecisionWaiterDeps {
  readonly redis: Redis
  readonly guard: RedisGuard
  /** Reads decisions from PostgreSQL, while Redis is away. */
  readonly readDecided: (ids: readonly string[]) => Promise<readonly ReservationView[]>
}

type Resolve = (decision: ReservationView | undefined) => void

/**
 * Waits for the decisions of a process: one read at a time asks for all awaited ids. A subscription was rejected: a frozen
 * process loses its socket without noticing, and misses everything that is published meanwhile.
 */
export function createDecisionWaiter({ redis, guard, readDecided }: DecisionWaiterDeps): DecisionWaiter {
  const waiting = new Map<string, Set<Resolve>>()
  let waiters = 0
  let polling = false

  const settle = (decision: ReservationView) => {
    for (const resolve of waiting.get(decision.id) ?? []) resolve(decision)
  }

  const poll = async () => {
    polling = true
    while (waiting.size > 0) {
      const ids = nextIds(waiting)
      const decisions = await guard.ask(() => decidedViews(redis, ids))
      if (decisions === away) await askPostgres(ids)
      else decisions.forEach(settle)
      await delay(decisions === away ? fallbackPollMs : decisionPollMs)
    }
    polling = false
  }

  const askPostgres = async (ids: readonly string[]) => {
    try {
      for (const decision of await readDecided(ids)) settle(decision)
    } catch (error) {
      logger.debug("Neither Redis nor PostgreSQL answers; the requests continue to wait for their decisions", {
        error: error as Error,
      })
    }
  }

  return {
    wait(id, waitMs) {
      if (waitMs <= 0 || waiters >= maxWaiting) return Promise.resolve(undefined)
      return new Promise((resolve) => {
        const resolves = waiting.get(id) ?? new Set()
        const finish: Resolve = (decision) => {
          clearTimeout(timer)
          waiters -= 1
          resolves.delete(finish)
          if (resolves.size === 0) waiting.delete(id)
          resolve(decision)
        }
        const timer = setTimeout(finish, waitMs, undefined)
        waiting.set(id, resolves.add(finish))
        waiters += 1
        if (!polling) void poll()
      })
    },
  }
}

/** The next ids to read. They move to the end of the map, so all ids get their turn. */
function nextIds(waiting: Map<string, Set<Resolve>>): string[] {
  const ids: string[] = []
  for (const id of waiting.keys()) {
    if (ids.length === maxIdsPerPoll) break
    ids.push(id)
  }
  if (ids.length < waiting.size) {
    for (const id of ids) {
      const resolves = waiting.get(id)
      waiting.delete(id)
      if (resolves) waiting.set(id, resolves)
    }
  }
  return ids
}

async function decidedViews(redis: Redis, ids: readonly string[]): Promise<ReservationView[]> {
  const texts = await redis.mget(ids.map(redisKeys.reservation))
  const decided = ids.flatMap((id, index) => {
    const text = texts[index]
    return text != null && isDecided({ status: statusOf(text) }) ? [{ id, text }] : []
  })
  const holds = decided.filter(({ text }) => statusOf(text) === "RESERVED").map(({ id }) => id)
  const ttlsMs = await lifetimes(redis, holds)
  return decided.map(({ id, text }) => decodeLivingView(id, text, ttlsMs.get(id) ?? 0))
}

/** The time that holds have left, in milliseconds: a view lives as long as its hold. */
async function lifetimes(redis: Redis, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map()
  const ttlsMs = (await redis.eval(lifetimesScript, ids.length, ...ids.map(redisKeys.reservation))) as readonly number[]
  return new Map(ids.map((id, index) => [id, ttlsMs[index] ?? 0]))
}

const statusOf = (text: string) => text.slice(0, text.indexOf("|")) as ReservationView["status"]
