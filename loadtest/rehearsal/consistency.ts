import { type Heard, isAllocation, type Story } from "./story.ts"

/** Invariant 6: one reservation for one key, and no two answers that cannot both be true. */
export function contradictions({ heard }: Story): string[] {
  const ids = new Set(heard.flatMap(({ reservationId }) => reservationId ?? []))
  const decided = heard.filter((told) => told.decided)
  const refusals = new Set(decided.flatMap(({ status, reason }) => (status === "REFUSED" ? [String(reason)] : [])))
  const given = decided.find(isAllocation)
  const waited = decided.findLast(({ status }) => status === "WAITLISTED")
  const lapsed = decided.find(({ status }) => status === "LAPSED")
  return [
    ...(ids.size > 1 ? [`one key, ${ids.size} reservations: ${[...ids].join(", ")}`] : []),
    ...(refusals.size > 1 ? [`refused as ${[...refusals].join(" and as ")}`] : []),
    ...(refusals.size > 0 && (given || waited)
      ? [`told ${given?.status ?? waited?.status}, and refused as ${[...refusals]}`]
      : []),
    ...(given && waited && given.atMs < waited.sentAtMs ? ["had a unit, and was sent back to the waitlist"] : []),
    ...(given && lapsed ? [`told ${given.status}, and that his place had lapsed`] : []),
  ]
}

/**
 * Invariant 17: admission knows whoever is in line, whatever Redis forgot. Only what was asked after an answer is compared to it.
 */
export function turnedAwayLater({ heard }: Story): string[] {
  const taken = heard.find(({ status }) => status !== "REFUSED")
  const isLater = (told: Heard) => taken !== undefined && told.sentAtMs > taken.atMs
  return heard
    .filter((told) => told.status === "REFUSED" && !told.decided && isLater(told))
    .map(({ reason }) => `told ${taken?.status}, then turned away as ${reason}`)
}
