/** A batch of so many records was taken from a line that is behind; a smaller one only says how fast shoppers came. */
const leastBusyRecords = 100
const windowMs = 200
/** A line that is behind ends a batch sooner than this after the one before; what took longer began with an empty line. */
const longestWindowMs = 2_000
/** How much the newest window counts against those before it. */
const weightOfNewest = 0.3

/** Measures how many decisions a second a line is good for, from when it was behind; shoppers' waits are estimated from it. */
export function rateMeter(nowMs: () => number = () => performance.now()) {
  let window: { readonly startMs: number; counted: number } | undefined
  let perSecond = 0
  return {
    /** Notes the decisions of a batch and returns the rate; 0 while the line was never behind for long enough to tell. */
    add(decisions: number): number {
      const atMs = nowMs()
      if (decisions < leastBusyRecords) window = undefined
      // When the first batch was begun is not known: time counts from its end.
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
