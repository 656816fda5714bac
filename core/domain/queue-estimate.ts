import { recordsBetween } from "./log-generations.ts"

/** Decisions a second of a busy writer, at least. Used while the real rate is not known, or is measured lower. */
export const assumedDecisionsPerSecond = 2_000
/** The time to fetch, decide and show a request, also with an empty queue. */
export const leastWaitMs = 20

/** The position of a record that a broker has acknowledged. Its offset goes on over all generations (log-generations.ts). */
export interface LogPosition {
  readonly partition: number
  readonly offset: number
}

/** The progress of a partition, as far as it is known: the watermark, and how fast it moves. */
export interface QueueProgress {
  readonly nextOffset?: number
  readonly decisionsPerSecond?: number
}

/** The position of a request: the number of records before it, and the time that they should take. */
export interface QueueEstimate {
  readonly position: number
  readonly waitMs: number
}

/** The estimate for the record at `offset`; undefined while the watermark is not known. */
export function estimateQueue(offset: number, { nextOffset, decisionsPerSecond = 0 }: QueueProgress): QueueEstimate | undefined {
  if (nextOffset === undefined) return undefined
  const position = recordsBetween(nextOffset, offset)
  const rate = Math.max(decisionsPerSecond, assumedDecisionsPerSecond)
  return { position, waitMs: leastWaitMs + Math.ceil((position * 1_000) / rate) }
}

/**
 * Bounds of the time to ask again. The lower one is the least that the header can say. The upper one bounds the part of a hold
 * that a shopper loses when the writer is faster than estimated.
 */
export const retryLimits = { leastSeconds: 1, mostSeconds: 10 } as const
/** For the waitlist: units come back when holds end, not in the next second. A promoted shopper still has most of their hold. */
export const waitlistRetrySeconds = 5

/** Seconds until the next read of a decision with this estimated wait. */
export const retrySecondsFor = (waitMs: number): number =>
  Math.min(retryLimits.mostSeconds, Math.max(retryLimits.leastSeconds, Math.ceil(waitMs / 1_000)))
