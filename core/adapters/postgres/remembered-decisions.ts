import type { Allocation } from "../../domain/decide.ts"
import { createRecentDecisions } from "../../domain/recent-decisions.ts"
import type { Reservation, ReservationRequest } from "../../domain/reservation.ts"

/** The last decisions of the optimistic writer, for copies of their requests. */
export interface RememberedDecisions {
  /**
   * The decisions of these requests: a copy gets the decision of its first record, also when the reservation has changed since.
   */
  of(requests: readonly ReservationRequest[]): ReadonlyMap<string, Reservation>
  /** Adds the decisions of a batch that is sent. @returns how to remove them when the batch fails */
  sent(changes: Allocation["changes"]): () => void
  /** Adds the answers of a batch that was committed under locks: new decisions, and older ones that it looked up. */
  committed(answers: Allocation["answers"]): void
}

export function createRememberedDecisions(): RememberedDecisions {
  const recent = createRecentDecisions()
  return {
    of: recent.of,
    sent(changes) {
      for (const { decisions } of changes) for (const decision of decisions) recent.add(decision)
      return () => {
        for (const { decisions } of changes) for (const { id } of decisions) recent.remove(id)
      }
    },
    committed(answers) {
      const known = new Set(recent.of(answers.map(({ reservation }) => reservation)).keys())
      for (const { reservation } of answers) {
        if (known.has(reservation.id)) continue
        known.add(reservation.id)
        recent.add(reservation)
      }
    },
  }
}
