import { LruMap } from "./lru-map.ts"
import { bucketWindowMs } from "./token-bucket.ts"

/** Limits for the copies of a key. A copy is a request whose key was already admitted, queued or decided. */
export const copyLimits = {
  /** Copies of a key in a window that cost no token and are no behaviour signal: retries after a lost answer. */
  freeCopies: 3,
  /** The window: it begins with the first copy. */
  windowMs: bucketWindowMs,
  /**
   * Sends of an undecided key into the queue that need no interval: the first request, and retries after a process that died.
   */
  maxSendsAtOnce: 3,
  /** After those, the interval between two sends: the earlier send has succeeded or failed by then. */
  sendIntervalMs: 1_500,
} as const

/** The copies of a key so far. */
export interface Copies {
  /** When the first of the counted copies came. */
  readonly sinceMs: number
  /** The first request is no copy. */
  readonly count: number
  readonly sends: number
  readonly sentAtMs: number
}

/** The first request of a key: it goes into the queue now. */
export const firstOfKey = (nowMs: number): Copies => ({ sinceMs: nowMs, count: 0, sends: 1, sentAtMs: nowMs })

/** Counts a copy of a key. The Redis script `admit` does the same. */
export function countCopy(before: Copies, nowMs: number): { copies: Copies; costsToken: boolean } {
  const isOver = before.count === 0 || nowMs - before.sinceMs >= copyLimits.windowMs
  const counted = isOver ? { ...before, sinceMs: nowMs, count: 1, sends: 1 } : { ...before, count: before.count + 1 }
  return { copies: counted, costsToken: counted.count > copyLimits.freeCopies }
}

/** Sends a copy of an undecided key into the queue; undefined while enough copies were sent. */
export function sendCopy(copies: Copies, nowMs: number): Copies | undefined {
  const elapsedMs = nowMs - copies.sentAtMs
  const maySend = copies.sends < copyLimits.maxSendsAtOnce || elapsedMs >= copyLimits.sendIntervalMs || elapsedMs < 0
  return maySend ? { ...copies, sends: copies.sends + 1, sentAtMs: nowMs } : undefined
}

/** Keys whose copies a process counts while Redis is away. It drops first the one without a request for the longest time. */
const maxRememberedKeys = 50_000

/** The copies that one process has seen. */
export function rememberCopies(most = maxRememberedKeys) {
  const known = new LruMap<string, Copies>(most)
  return {
    get: (id: string): Copies | undefined => known.get(id),
    set: (id: string, copies: Copies): void => known.set(id, copies),
    get size(): number {
      return known.size
    },
  }
}
