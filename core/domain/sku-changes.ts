import type { LedgerEntry } from "./ledger.ts"
import type { Instant, Outcome, Reservation, State } from "./reservation.ts"
import type { Balances, SaleStatus, Waiter, WriteMode } from "./sale.ts"

/** A reservation that moves to another state, from a state that it must still be in. */
export interface Transition {
  readonly id: string
  readonly from: State
  readonly to: State
  readonly expiresAt?: Instant
}

/** A new status or mode of a sale. */
export interface SaleChange {
  readonly status?: SaleStatus
  readonly mode?: WriteMode
  readonly frozen?: boolean
  readonly opensAt?: Instant
}

/** What a tally counts: requests by their outcome, and repeated ones. */
export type Counted = Outcome | "duplicates" | "conflicts"

/** How many requests were decided or repeated, by outcome. */
export type Tally = Readonly<Partial<Record<Counted, number>>>

/** Everything that one transaction changes about one SKU. */
export interface SkuChanges {
  readonly skuNo: number
  readonly entries: readonly LedgerEntry[]
  readonly decisions: readonly Reservation[]
  readonly transitions: readonly Transition[]
  /** Change of each user's units. */
  readonly holdings: ReadonlyMap<string, number>
  /** Users among them who had no row before. */
  readonly newHolders: ReadonlySet<string>
  /** Reservations that left the waitlist. */
  readonly left: readonly Pick<Waiter, "id">[]
  /** Those among them that were given units, in waitlist order. */
  readonly promoted: readonly Waiter[]
  readonly tally: Tally
  readonly sale?: SaleChange
  readonly balances: Balances
  readonly seq: number
}
