import type { QueueProgress } from "./queue-estimate.ts"

/** Moments kept of a line. Under a backlog a batch has hundreds of records, so that this reaches over the longest line that admission allows. */
export const maxQueueMoments = 1_024

/** What shoppers were shown of a line, moment by moment: what one of them was told to wait is compared with what he waited. */
export interface QueueHistory {
  /** Notes what is shown from now on; moments come in their order. */
  show(atMs: number, line: QueueProgress): void
  /** What was shown at a moment; undefined before the first moment that is remembered. */
  at(moment: number): QueueProgress | undefined
}

export function createQueueHistory(maxMoments = maxQueueMoments): QueueHistory {
  const moments: { readonly atMs: number; readonly line: QueueProgress }[] = []
  return {
    show(atMs, line) {
      moments.push({ atMs, line })
      if (moments.length > maxMoments) moments.shift()
    },
    at(moment) {
      let from = 0
      let to = moments.length
      while (from < to) {
        const middle = (from + to) >>> 1
        if ((moments[middle]?.atMs ?? 0) <= moment) from = middle + 1
        else to = middle
      }
      return moments[from - 1]?.line
    },
  }
}
