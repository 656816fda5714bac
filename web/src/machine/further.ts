import { isFinal } from "./pace.ts"
import type { StoredPurchase } from "./purchase-state.ts"

/**
 * True for what another tab knows later about the same wish: a refusal after a request, a reservation after a refusal without a
 * decision, an end after everything; for a hold, a payment that this tab does not know, or the end of the one that it knows.
 */
export function isFurther(stored: StoredPurchase, own: StoredPurchase): boolean {
  const [theirs, ours] = [rankOf(stored), rankOf(own)]
  return theirs === ours && theirs === heldRank ? isFurtherPaid(stored, own) : theirs > ours
}

function isFurtherPaid(stored: StoredPurchase, own: StoredPurchase): boolean {
  if (own.attempt !== undefined && stored.endedAttempt === own.attempt.key) return true
  if (stored.attempt === undefined) return false
  return own.attempt === undefined ? stored.attempt.key !== own.endedAttempt : stored.attempt.key !== own.attempt.key
}

const heldRank = 3

function rankOf({ known, refused }: StoredPurchase): number {
  if (refused !== undefined) return 1
  if (known === undefined) return 0
  if (isFinal(known.status)) return 4
  return known.status === "RESERVED" ? heldRank : 2
}
