import { type Heard, isAllocation, type Story } from "./story.ts"

/** Invariant 6: one key has one reservation, and no two of its answers contradict each other. */
export function contradictions({ heard }: Story): string[] {
  const ids = new Set(heard.flatMap(({ reservationId }) => reservationId ?? []))
  const decided = heard.filter((answer) => answer.decided)
  const refusals = new Set(decided.flatMap(({ status, reason }) => (status === "REFUSED" ? [String(reason)] : [])))
  const given = decided.find(isAllocation)
  const waited = decided.findLast(({ status }) => status === "WAITLISTED")
  const lapsed = decided.find(({ status }) => status === "LAPSED")
  return [
    ...(ids.size > 1 ? [`one key, ${ids.size} reservations: ${[...ids].join(", ")}`] : []),
    ...(refusals.size > 1 ? [`refused as ${[...refusals].join(" and as ")}`] : []),
    ...(refusals.size > 0 && (given || waited)
      ? [`answered ${given?.status ?? waited?.status}, and refused as ${[...refusals]}`]
      : []),
    ...(given && waited && given.atMs < waited.sentAtMs ? ["had a unit, and was sent back to the waitlist"] : []),
    ...(given && lapsed ? [`answered ${given.status}, and that the waitlist entry had lapsed`] : []),
  ]
}

/**
 * Invariant 17: admission knows every queued request, also after Redis has lost its data. Only a request that was sent after an
 * answer is compared with that answer.
 */
export function turnedAwayLater({ heard }: Story): string[] {
  const taken = heard.find(({ status }) => status !== "REFUSED")
  const isLater = (answer: Heard) => taken !== undefined && answer.sentAtMs > taken.atMs
  return heard
    .filter((answer) => answer.status === "REFUSED" && !answer.decided && isLater(answer))
    .map(({ reason }) => `answered ${taken?.status}, then refused without a decision as ${reason}`)
}
