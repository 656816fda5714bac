import type { Reservation } from "./reservation.ts"

/** Decisions of a queue that its writer remembers: a copy comes within seconds of its first record, or is looked up in the database. */
export const maxRecentDecisions = 20_000

/**
 * What one writer decided lately, as it was decided: enough to know a copy by, not to say what became of it since. It is kept as two generations, of
 * which the older one is dropped as a whole: entering a decision costs no more than entering it in a map.
 */
export interface RecentDecisions {
  get(id: string): Reservation | undefined
  add(reservation: Reservation): void
  /** Forgets a decision that was never committed. */
  remove(id: string): void
  readonly size: number
}

/** @param most decisions remembered at most; at least half of them are */
export function createRecentDecisions(most = maxRecentDecisions): RecentDecisions {
  let young = new Map<string, Reservation>()
  let old = new Map<string, Reservation>()
  return {
    get: (id) => young.get(id) ?? old.get(id),
    add(reservation) {
      young.set(reservation.id, reservation)
      if (young.size * 2 < most) return
      old = young
      young = new Map()
    },
    remove(id) {
      young.delete(id)
      old.delete(id)
    },
    get size() {
      return young.size + old.size
    },
  }
}
