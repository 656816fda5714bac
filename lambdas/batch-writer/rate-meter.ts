/** A batch of so many records comes from a partition that is behind. A smaller one only shows how fast requests arrive. */
const leastBusyRecords = 100
const windowMs = 200
/** A partition that is behind ends a batch sooner than this after the one before. A longer gap began with an empty queue. */
const longestWindowMs = 2_000
/** How much the newest window counts against those before it. */
const weightOfNewest = 0.3

/** Measures how many decisions a second a partition makes while it is behind. Shoppers' waits are estimated from it. */
export function rateMeter(nowMs: () => number = () => performance.now()) {
  let window: { readonly startMs: number; counted: number } | undefined
  let perSecond = 0
  return {
    /** Adds the decisions of a batch and returns the rate; 0 until the partition was behind for long enough to measure it. */
    add(decisions: number): number {
      const atMs = nowMs()
      if (decisions < leastBusyRecords) window = undefined
      // The start of the first batch is not known, so time counts from its end.
      else if (window === undefined || atMs - window.startMs > longestWindowMs) window = { startMs: atMs, counted: 0 }
      else {
        window.counted += decisions
        const elapsedMs = atMs - window.startMs
        if (elapsedMs >= windowMs) {
          const newest = (window.counted * 1_000) / elapsedMs
          perSecond = perSecond === 0 ? newest : perSecond + weightOfNewest * (newest - perSecond)
          window = { startMs: atMs, counted: 0 }
        }
      }
      return perSecond
    },
  }
}
