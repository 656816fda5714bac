/** How much the newest second counts against the seconds before it. */
const weightOfNewest = 0.3
const windowMs = 1_000

/** Measures decisions a second, smoothed over a few seconds; shoppers' waits are estimated from it. */
export function rateMeter(nowMs: () => number = () => performance.now()) {
  let windowStartMs = nowMs()
  let counted = 0
  let perSecond = 0
  return {
    /** Notes decisions and returns the present rate; within the first second that is what was counted so far. */
    add(decisions: number): number {
      counted += decisions
      const elapsedMs = nowMs() - windowStartMs
      if (elapsedMs >= windowMs) {
        const newest = (counted * 1_000) / elapsedMs
        perSecond = perSecond === 0 ? newest : perSecond + weightOfNewest * (newest - perSecond)
        windowStartMs = nowMs()
        counted = 0
      }
      return Math.max(perSecond, counted)
    },
  }
}
