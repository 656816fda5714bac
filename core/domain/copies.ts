import { remember } from "./lru-map.ts"
import { bucketWindowMs } from "./token-bucket.ts"

/** What the copies of a key may do: requests whose key was admitted, queued or decided before. */
export const copyLimits = {
  /** Copies of a key in a window that cost no token and count as no behaviour: retries after an answer that was lost. */
  freeCopies: 3,
  /** Copies are counted for so long from the first of them. */
  windowMs: bucketWindowMs,
  /**
   * Sends of an undecided key into the queue that do not wait for each other: the first, and retries after a process that ended.
   */
  maxSendsAtOnce: 3,
  /** After those, the next send comes this long after the one before: that one has ended by then, in whichever way. */
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

/** Sends a copy of an undecided key into the queue; undefined while the copies that were sent are enough. */
export function sendCopy(copies: Copies, nowMs: number): Copies | undefined {
  const elapsedMs = nowMs - copies.sentAtMs
  const maySend = copies.sends < copyLimits.maxSendsAtOnce || elapsedMs >= copyLimits.sendIntervalMs || elapsedMs < 0
  return maySend ? { ...copies, sends: copies.sends + 1, sentAtMs: nowMs } : undefined
}

/** Keys whose copies a process counts while Redis is away; the one that was silent longest is forgotten first. */
const maxRememberedKeys = 50_000

/** The copies that one process has seen. */
export function rememberCopies(most = maxRememberedKeys) {
  const known = new Map<string, Copies>()
  return {
    get: (id: string): Copies | undefined => known.get(id),
    set: (id: string, copies: Copies): void => remember(known, id, copies, most),
    get size(): number {
      return known.size
    },
  }
}
