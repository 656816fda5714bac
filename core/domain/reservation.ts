/** A moment on PostgreSQL's clock, in microseconds since the epoch. No other clock decides anything. */
export type Instant = number

/** Microseconds in a second. */
export const second = 1_000_000

/** Why a request was refused. */
export type RefusalReason = (typeof refusalReasons)[number]

/**
 * Every reason, in the order in which the ledger counts them. A new one goes to the end, because older entries have shorter
 * lists.
 */
export const refusalReasons = [
  "sold-out",
  "user-limit-reached",
  "sale-not-open",
  "sale-closed",
  "invalid",
  "hold-limit-reached",
] as const

/** The decision about a request. It never changes. */
export type Outcome = "reserved" | "waitlisted" | RefusalReason

/** The codes of outcomes in `reservations.outcome`. */
export const outcomeCodes: Readonly<Record<Outcome, number>> = {
  reserved: 1,
  waitlisted: 2,
  "sold-out": 11,
  "user-limit-reached": 12,
  "sale-not-open": 13,
  "sale-closed": 14,
  invalid: 15,
  "hold-limit-reached": 16,
}

/** The state of a decided request. REFUSED and the last four are terminal. */
export type State = "REFUSED" | "RESERVED" | "WAITLISTED" | "CONFIRMED" | "EXPIRED" | "CANCELLED" | "LAPSED"

/** The codes of states in `reservations.state`. */
export const stateCodes: Readonly<Record<State, number>> = {
  REFUSED: 0,
  RESERVED: 1,
  WAITLISTED: 2,
  CONFIRMED: 3,
  EXPIRED: 4,
  CANCELLED: 5,
  LAPSED: 6,
}

const byCode = <Name extends string>(codes: Readonly<Record<Name, number>>) =>
  new Map(Object.entries<number>(codes).map(([name, code]) => [code, name as Name]))

const outcomesByCode = byCode(outcomeCodes)
const statesByCode = byCode(stateCodes)

/** @throws Error for a code that no outcome has: this code never wrote it. */
export function outcomeOf(code: number): Outcome {
  const outcome = outcomesByCode.get(code)
  if (outcome === undefined) throw new Error(`There is no outcome ${code}`)
  return outcome
}

/** @throws Error for a code that no state has. */
export function stateOf(code: number): State {
  const state = statesByCode.get(code)
  if (state === undefined) throw new Error(`There is no state ${code}`)
  return state
}

/** A request to decide. `offset` is its position in the log: a partition is decided in that order. A direct request has none. */
export interface ReservationRequest {
  readonly id: string
  readonly userId: string
  readonly skuNo: number
  readonly quantity: number
  readonly joinWaitlist: boolean
  readonly bodyHash: number
  readonly offset?: number
}

/** A decided request: one row of `reservations`. `(seq, ord)` points at the ledger entry that decided it. */
export interface Reservation {
  readonly id: string
  readonly skuNo: number
  readonly seq: number
  readonly ord: number
  readonly outcome: Outcome
  readonly state: State
  readonly quantity: number
  /** Absent on refusals. */
  readonly userId?: string
  readonly owner: number
  readonly bodyHash: number
  /** End of the hold; absent where there was none. */
  readonly expiresAt?: Instant
}

/** True for a hold that has not run out. A hold ends at `expiresAt` to the microsecond: it is over at that moment. */
export const isHeldAt = ({ state, expiresAt }: Pick<Reservation, "state" | "expiresAt">, now: Instant): boolean =>
  state === "RESERVED" && (expiresAt ?? 0) > now

/** The state a decision starts in. */
export const initialState = (outcome: Outcome): State =>
  outcome === "reserved" ? "RESERVED" : outcome === "waitlisted" ? "WAITLISTED" : "REFUSED"
