/** A busy writer decides at least this many a second; assumed until one was seen busy, and of one that had a slow moment. */
export const assumedDecisionsPerSecond = 2_000
/** Even in an empty queue a request is fetched, decided and shown. */
export const leastWaitMs = 20

/** The position of a record that a broker has acknowledged. */
export interface LogPosition {
  readonly partition: number
  readonly offset: number
}

/** How far a partition has come, as far as it is known: the watermark, and how fast it moves. */
export interface QueueProgress {
  readonly nextOffset?: number
  readonly decisionsPerSecond?: number
}

/** Where a request stands: how many records are ahead, and how long they should take. */
export interface QueueEstimate {
  readonly position: number
  readonly waitMs: number
}

/** The estimate for the record at `offset`; undefined while the watermark is not known. */
export function estimateQueue(offset: number, { nextOffset, decisionsPerSecond = 0 }: QueueProgress): QueueEstimate | undefined {
  if (nextOffset === undefined) return undefined
  const position = Math.max(0, offset - nextOffset)
  const rate = Math.max(decisionsPerSecond, assumedDecisionsPerSecond)
  return { position, waitMs: leastWaitMs + Math.ceil((position * 1_000) / rate) }
}

/** Nobody is asked to come back sooner, for that is the least that the header can say, nor later: a writer that was faster than
 * estimated must not cost a shopper more of their hold than this. */
export const retryLimits = { leastSeconds: 1, mostSeconds: 10 } as const
/** Units come back when holds end, not in the next second; a promoted shopper has most of their hold left when they look. */
export const waitlistRetrySeconds = 5

/** When to look again for a decision that should take so long. */
export const retrySecondsFor = (waitMs: number): number =>
  Math.min(retryLimits.mostSeconds, Math.max(retryLimits.leastSeconds, Math.ceil(waitMs / 1_000)))
