/**
 * After a batch that had to be done again, so many batches are written under locks; twice as many after the next one, up to the
 * most.
 */
const firstPauseBatches = 4
const mostPauseBatches = 256

/** Decides when the optimistic writer leaves batches to the locked path, because its assumptions failed. */
export interface OptimisticPause {
  /** True when this batch goes to the locked path; counts it. */
  takesBatch(): boolean
  /** Records a failed batch. `isDecidedId`: it held one id that was decided before, which says nothing about the next batch. */
  failed(isDecidedId: boolean): void
  succeeded(): void
}

export function createOptimisticPause(): OptimisticPause {
  let pauseBatches = firstPauseBatches
  let batchesToPause = 0
  let hasFailed = false
  return {
    takesBatch() {
      if (batchesToPause === 0) return false
      batchesToPause -= 1
      return true
    },
    failed(isDecidedId) {
      const isFirst = !hasFailed
      hasFailed = true
      // A single old id needs no pause; several in a row do.
      if (isDecidedId && isFirst) return
      batchesToPause = pauseBatches
      pauseBatches = Math.min(2 * pauseBatches, mostPauseBatches)
    },
    succeeded() {
      pauseBatches = firstPauseBatches
      hasFailed = false
    },
  }
}
