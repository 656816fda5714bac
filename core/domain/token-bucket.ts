import { LruMap } from "./lru-map.ts"

/** Requests a minute of a user, by the tier of the token. */
export const requestsPerMinute = { 1: 1, 2: 50, 3: 100, 4: 200 } as const
export type Tier = keyof typeof requestsPerMinute

/** A full bucket holds the requests of this long. */
export const bucketWindowMs = 60_000

/** The limits of admission of a stage: as they are stated above, or tightened. */
export type Limits = "normal" | "tight"

/** Tight limits divide the requests a minute of a user by this. Tier 1, with one request a minute, stays as it is. */
export const tightenedBy = 5

/** How long a spent token takes to come back, in milliseconds. */
export const refillMsOf = (tier: Tier, limits: Limits = "normal"): number => bucketWindowMs / limitOf(tier, limits)

/** Requests a minute of a user with a token of the tier. */
export const limitOf = (tier: Tier, limits: Limits): number =>
  limits === "tight" ? Math.max(1, requestsPerMinute[tier] / tightenedBy) : requestsPerMinute[tier]

/**
 * A bucket is the moment at which it is full again, in milliseconds. Spent tokens come back evenly until then, so no count of
 * tokens is needed. A full bucket is not stored at all.
 */
export type FullAtMs = number

export type Taking =
  | { readonly kind: "taken"; readonly fullAtMs: FullAtMs }
  | { readonly kind: "empty"; readonly retryAfterSeconds: number }

/**
 * Takes one token, if there is one. The Redis script `admit` does the same.
 *
 * @param fullAtMs the bucket; undefined for an unknown user, whose bucket is full
 * @param refillMs how long a token takes to come back
 * @param clockMs the time now; fractions of a millisecond are cut off, because their rounding errors make a full bucket look
 * empty
 */
export function takeToken(fullAtMs: FullAtMs | undefined, refillMs: number, clockMs: number): Taking {
  const nowMs = Math.floor(clockMs)
  // A clock that went back, or a new tier, must not lock a user out for longer than an empty bucket does.
  const known = Math.min(Math.max(fullAtMs ?? nowMs, nowMs), nowMs + bucketWindowMs)
  const next = known + refillMs
  const missingMs = next - nowMs - bucketWindowMs
  return missingMs > 0 ? { kind: "empty", retryAfterSeconds: Math.ceil(missingMs / 1_000) } : { kind: "taken", fullAtMs: next }
}

/** Buckets that a process keeps while Redis is away. It drops the least recently used one first, which makes it full. */
const maxRememberedBuckets = 50_000

/** Buckets of one process. */
export function rememberBuckets(maxUsers = maxRememberedBuckets) {
  const buckets = new LruMap<string, FullAtMs>(maxUsers)
  return {
    take(userId: string, refillMs: number, nowMs: number): Taking {
      const taking = takeToken(buckets.get(userId), refillMs, nowMs)
      if (taking.kind === "taken") buckets.set(userId, taking.fullAtMs)
      return taking
    },
    get size(): number {
      return buckets.size
    },
  }
}
