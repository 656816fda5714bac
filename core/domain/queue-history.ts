import type { QueueProgress } from "./queue-estimate.ts"

/**
 * Moments kept of a partition. Under a backlog a batch has hundreds of records, so this covers the longest queue that admission
 * allows.
 */
export const maxQueueMoments = 1_024

/** The progress of a partition that shoppers were shown, moment by moment: an estimate is compared later with the real wait. */
export interface QueueHistory {
  /** Adds what shoppers are shown from now on. Moments come in their order. */
  add(atMs: number, progress: QueueProgress): void
  /** What shoppers were shown at a moment; undefined before the first moment that is kept. */
  at(momentMs: number): QueueProgress | undefined
}

export function createQueueHistory(maxMoments = maxQueueMoments): QueueHistory {
  const moments: { readonly atMs: number; readonly progress: QueueProgress }[] = []
  return {
    add(atMs, progress) {
      moments.push({ atMs, progress })
      if (moments.length > maxMoments) moments.shift()
    },
    at(momentMs) {
      let from = 0
      let to = moments.length
      while (from < to) {
        const middle = (from + to) >>> 1
        if ((moments[middle]?.atMs ?? 0) <= momentMs) from = middle + 1
        else to = middle
      }
      return moments[from - 1]?.progress
    },
  }
}
