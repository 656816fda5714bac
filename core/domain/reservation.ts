/** A moment on PostgreSQL's clock, in microseconds since the epoch. No other clock decides anything. */
export type Instant = number

/** Microseconds in a second. */
export const second = 1_000_000

/** Why a request was refused. */
export type RefusalReason = (typeof refusalReasons)[number]

/** Every reason, in the order in which the ledger counts them; a new one goes to the end, for what was written before ends earlier. */
export const refusalReasons = [
  "sold-out",
  "user-limit-reached",
  "sale-not-open",
  "sale-closed",
  "invalid",
  "hold-limit-reached",
] as const

/** What was decided about a request, once and for ever. */
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

/** What became of a decided request. REFUSED and the last four are terminal: nothing leaves them. */
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

/** @throws Error for a code that no outcome has: the database holds what this code never wrote. */
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

/** A request to decide. `offset` is its place in line; requests of one partition are decided in its order. One that is decided directly has none. */
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

/** The state a decision starts in. */
export const initialState = (outcome: Outcome): State =>
  outcome === "reserved" ? "RESERVED" : outcome === "waitlisted" ? "WAITLISTED" : "REFUSED"
