import { LruMap } from "./lru-map.ts"
import type { BehaviourSignal } from "./suspicion.ts"
import { bucketWindowMs } from "./token-bucket.ts"

/** Limits for the judgement of arrivals: how many gaps count, and from which value on they say something about the client. */
export const arrivalLimits = {
  /** Gaps between requests that are kept of a user and of a source. */
  maxGaps: 8,
  /** Fewer gaps can be even by chance. */
  leastGaps: 6,
  /** Below it a gap shows how the network delivers, not how the client sends. */
  leastMeanGapMs: 10,
  /**
   * Standard deviation over mean of a timer's gaps; the gaps of people, and of crowds, come near 1. Spreading gaps evenly by ±40
   * % makes 0.23. Eight gaps of a crowd (exponential) come below the limit less than once in a thousand times.
   */
  regularVariation: 0.25,
  /** A user with so many gaps within `busyMs`, retries not counted, sends more requests than a person. */
  busyGaps: 6,
  busyMs: 60_000,
  /** So many users of one source in a minute make a crowd. */
  crowdUsers: 20,
  /** Users of one source that are counted separately. For a larger crowd the requests of each user are not known. */
  maxUsers: 64,
  /** A source is busy with so many requests in a minute, and so many for each of its users. People make 1.3. */
  busyRequests: 20,
  busyRequestsPerUser: 2,
} as const

/** When earlier requests of a user, or of a source, came. Dropped after a minute without a request, when every bucket is full. */
export interface Arrivals {
  readonly lastMs: number
  /** The youngest first. */
  readonly gapsMs: readonly number[]
}
const memoryMs = bucketWindowMs

/** Adds a request to those before it. */
export function addArrival(before: Arrivals | undefined, nowMs: number): Arrivals {
  if (before === undefined || nowMs - before.lastMs >= memoryMs) return { lastMs: nowMs, gapsMs: [] }
  return {
    lastMs: nowMs,
    gapsMs: [Math.max(0, nowMs - before.lastMs), ...before.gapsMs].slice(0, arrivalLimits.maxGaps),
  }
}

/** True for gaps as even as a timer's. */
export function isRegular({ gapsMs }: Arrivals): boolean {
  const { leastGaps, leastMeanGapMs, regularVariation } = arrivalLimits
  const sum = gapsMs.reduce((total, gap) => total + gap, 0)
  const squares = gapsMs.reduce((total, gap) => total + gap * gap, 0)
  return (
    gapsMs.length >= leastGaps &&
    sum >= gapsMs.length * leastMeanGapMs &&
    gapsMs.length * squares <= (1 + regularVariation ** 2) * sum * sum
  )
}

/** True when there are more requests than a person makes in so short a time. */
export function isBusy({ gapsMs }: Arrivals): boolean {
  const { busyGaps, busyMs } = arrivalLimits
  return gapsMs.length >= busyGaps && gapsMs.slice(0, busyGaps).reduce((total, gap) => total + gap, 0) <= busyMs
}

/** The requests of one source: their times, and in the current minute their number and their users. */
export interface SourceArrivals {
  readonly arrivals: Arrivals
  readonly requests: number
  /** At most `maxUsers`. */
  readonly users: number
  /** Whether it was busy in the minute before. */
  readonly wasBusy: boolean
}

/** True for few users with many requests: a crowd of people has many users. A busy source stays busy for another minute. */
export function isBusySource({ requests, users, wasBusy }: SourceArrivals): boolean {
  const { maxUsers, busyRequests, busyRequestsPerUser } = arrivalLimits
  return wasBusy || (users < maxUsers && requests >= busyRequests && requests >= users * busyRequestsPerUser)
}

/**
 * The signals in the requests so far. A source may be an office. It is judged by how even its gaps are, by the number of its
 * users, and by the requests of each of them.
 */
export function behaviourOf(user: Arrivals, source?: SourceArrivals): BehaviourSignal[] {
  const signals: BehaviourSignal[] = []
  if (isRegular(user) || (source !== undefined && isRegular(source.arrivals))) signals.push("regular")
  if (isBusy(user) || (source !== undefined && isBusySource(source))) signals.push("busy")
  if (source !== undefined && source.users >= arrivalLimits.crowdUsers) signals.push("crowd")
  return signals
}

/** Users and sources that a process keeps while Redis is away. It drops first the one without a request for the longest time. */
const maxRemembered = 50_000

/** Arrivals of one process. */
export function rememberArrivals(most = maxRemembered) {
  const remembered = new LruMap<string, Arrivals>(most)
  return {
    note(who: string, nowMs: number): Arrivals {
      const arrivals = addArrival(remembered.get(who), nowMs)
      remembered.set(who, arrivals)
      return arrivals
    },
    get size(): number {
      return remembered.size
    },
  }
}
