import type { Allocation } from "../../domain/decide.ts"
import { createRecentDecisions } from "../../domain/recent-decisions.ts"
import type { Reservation, ReservationRequest } from "../../domain/reservation.ts"
import { hasCopies, nothingDecided } from "./assumed-state.ts"

/**
 * To remember its decisions costs the writer about 6 % (measured with every request refused), and copies are rare. So it
 * remembers once it has met a copy, and for so many batches after the last one. A copy of an earlier decision costs one batch on
 * the locked path.
 */
const rememberedBatches = 256

/** The last decisions of the optimistic writer, for copies of their requests. Empty while no copy was met for a while. */
export interface RememberedDecisions {
  /**
   * The decisions of these requests: a copy gets the decision of its first record, also when the reservation has changed since.
   */
  of(requests: readonly ReservationRequest[]): ReadonlyMap<string, Reservation>
  /** Adds the decisions of a batch that is sent. @returns how to remove them when the batch fails */
  sent(changes: Allocation["changes"]): () => void
  /** Adds the answers of a batch that was committed under locks. */
  committed(allocation: Allocation): void
  /** A copy was met: decisions are remembered from now on. */
  copyMet(): void
}

export function createRememberedDecisions(): RememberedDecisions {
  const recent = createRecentDecisions()
  let batchesToRemember = 0
  return {
    of(requests) {
      if (batchesToRemember === 0) return nothingDecided
      let decided: Map<string, Reservation> | undefined
      for (const { id } of requests) {
        const known = recent.get(id)
        if (known === undefined) continue
        decided ??= new Map()
        decided.set(id, known)
      }
      return decided ?? nothingDecided
    },
    sent(changes) {
      if (changes.some(hasCopies)) batchesToRemember = rememberedBatches
      const decisions = batchesToRemember > 0 ? changes.flatMap((change) => change.decisions) : []
      for (const decision of decisions) recent.add(decision)
      if (batchesToRemember > 0) batchesToRemember -= 1
      return () => {
        for (const { id } of decisions) recent.remove(id)
      }
    },
    committed({ answers, changes }) {
      if (changes.some(hasCopies)) batchesToRemember = rememberedBatches
      if (batchesToRemember > 0) for (const { reservation } of answers) recent.add(reservation)
    },
    copyMet() {
      batchesToRemember = rememberedBatches
    },
  }
}
