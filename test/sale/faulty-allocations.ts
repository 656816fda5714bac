import { decide } from "../../core/domain/decide.ts"

/**
 * A fault of an earlier version: an entry that leaves the waitlist by a command also lapses if the sale is already closed.
 */
export const lapsesLeftEntries: typeof decide = (command, state, now) => {
  const allocation = decide(command, state, now)
  if (command.kind !== "cancel") return allocation
  return {
    ...allocation,
    changes: allocation.changes.map((change) => {
      const again = change.left.filter(({ id }) => id === command.reservationId)
      const lapsed = again.map(({ id }) => ({ id, from: "WAITLISTED" as const, to: "LAPSED" as const }))
      return { ...change, left: [...change.left, ...again], transitions: [...change.transitions, ...lapsed] }
    }),
  }
}

/** A fault: only the present holds of a user count towards the limit of unpaid holds. */
export const forgetsExpiredHolds: typeof decide = (command, state, now) => {
  const holding = ([userId, { units }]: [string, { units: number }]) =>
    [userId, { units, unpaidHolds: Math.min(units, 1) }] as const
  const holdings = [...state.holdings].map(([skuNo, users]) => [skuNo, new Map([...users].map(holding))] as const)
  return decide(command, { ...state, holdings: new Map(holdings) }, now)
}
