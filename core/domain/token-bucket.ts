import { remember } from "./lru-map.ts"

/** How fast a user may ask, by the tier of the token: requests a minute. */
export const requestsPerMinute = { 1: 1, 2: 50, 3: 100, 4: 200 } as const
export type Tier = keyof typeof requestsPerMinute

/** A full bucket holds the requests of this long. */
export const bucketWindowMs = 60_000

/** How long a spent token takes to come back, in milliseconds. */
export const refillMsOf = (tier: Tier): number => bucketWindowMs / requestsPerMinute[tier]

/**
 * A bucket is the moment at which it will be full again, in milliseconds: what is missing comes back evenly until then, so no
 * count of tokens has to be kept. One that is full already need not be kept at all.
 */
export type FullAtMs = number

export type Taking =
  | { readonly kind: "taken"; readonly fullAtMs: FullAtMs }
  | { readonly kind: "empty"; readonly retryAfterSeconds: number }

/**
 * Takes one token, if there is one. The Redis script `admit` does the same.
 *
 * @param fullAtMs the bucket; undefined for a user who is not known: their bucket is full
 * @param refillMs how long a token takes to come back
 * @param clockMs the time now; fractions of a millisecond are cut off, for their rounding errors make a full bucket look empty
 */
export function takeToken(fullAtMs: FullAtMs | undefined, refillMs: number, clockMs: number): Taking {
  const nowMs = Math.floor(clockMs)
  // A clock that went back, or a new tier, must not lock a user out for longer than an empty bucket does.
  const known = Math.min(Math.max(fullAtMs ?? nowMs, nowMs), nowMs + bucketWindowMs)
  const next = known + refillMs
  const missingMs = next - nowMs - bucketWindowMs
  return missingMs > 0 ? { kind: "empty", retryAfterSeconds: Math.ceil(missingMs / 1_000) } : { kind: "taken", fullAtMs: next }
}

/** Buckets a process remembers while Redis is away; the one that was used longest ago is forgotten first, which fills it. */
const maxRememberedBuckets = 50_000

/** Buckets of one process. */
export function rememberBuckets(maxUsers = maxRememberedBuckets) {
  const buckets = new Map<string, FullAtMs>()
  return {
    take(userId: string, refillMs: number, nowMs: number): Taking {
      const taking = takeToken(buckets.get(userId), refillMs, nowMs)
      if (taking.kind === "taken") remember(buckets, userId, taking.fullAtMs, maxUsers)
      return taking
    },
    get size(): number {
      return buckets.size
    },
  }
}
