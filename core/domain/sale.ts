import { type Instant, type Reservation, second } from "./reservation.ts"

export type SaleStatus = "draft" | "open" | "closed"
export type WriteMode = "batch" | "direct" | "halted"

/** A hold that has run out, as loaded under the lock. */
export interface OverdueHold {
  readonly id: string
  readonly userId: string
  readonly quantity: number
}

/** A place on the waitlist; `(seq, ord)` of its decision is its place in line. */
export interface Waiter {
  readonly id: string
  readonly userId: string
  readonly quantity: number
  readonly seq: number
  readonly ord: number
  /** How often somebody later was given units while this entry waited. */
  readonly passed: number
}

/** What a user has of a SKU. */
export interface Holding {
  /** Held, waited for or bought. */
  readonly units: number
  /** Reservations that are a hold, were one or wait for one, and were not paid. */
  readonly unpaidHolds: number
}

/** Units of a SKU: what there is, what is held, what is sold. The rest is available. */
export interface Balances {
  readonly total: number
  readonly reserved: number
  readonly sold: number
  /** Entries on the waitlist. */
  readonly waitlisted: number
}

/** The sale of one SKU: what was promised, and how far its ledger has come. */
export interface SkuSale {
  readonly skuNo: number
  readonly perUserLimit: number
  readonly holdSeconds: number
  readonly waitlistLimit: number
  /** Reservations that a user may have had without paying, before another is refused. */
  readonly maxUnpaidHolds: number
  readonly status: SaleStatus
  readonly mode: WriteMode
  readonly resumeMode: "batch" | "direct"
  /** A halted sale whose writer stands still, and with it everything of its partition. */
  readonly frozen: boolean
  /** Another one with every change of mode: whoever knew an older one commits nothing. */
  readonly epoch: number
  readonly opensAt?: Instant
  readonly closesAt?: Instant
  readonly balances: Balances
  /** Sequence of the last ledger entry. */
  readonly seq: number
}

export type OrderStatus = "PENDING_CAPTURE" | "PAID" | "FAILED" | "REFUNDED"

/** An order, as far as its payment concerns the stock. */
export interface OrderFacts {
  readonly orderId: string
  readonly reservationId: string
  readonly skuNo: number
  readonly quantity: number
  readonly amountMinor: number
  readonly status: OrderStatus
}

/** Everything a decision depends on, loaded under the locks of one transaction. */
export interface SaleState {
  readonly skus: ReadonlyMap<number, SkuSale>
  /** Overdue holds by SKU, earliest first, at most `maxOverduePerTransaction` each. */
  readonly overdue: ReadonlyMap<number, readonly OverdueHold[]>
  /** Waiters by SKU in line order: those who may fit, and the first of the others that could be served; or, of a closed sale, those who lapse. */
  readonly waiting: ReadonlyMap<number, readonly Waiter[]>
  /** What was decided before about the ids at hand. */
  readonly decided: ReadonlyMap<string, Reservation>
  /** By SKU and user; a user who is absent has no row yet. */
  readonly holdings: ReadonlyMap<number, ReadonlyMap<string, Holding>>
  /** The orders a payment command names. */
  readonly orders?: ReadonlyMap<string, OrderFacts>
}

/** Bounds of one transaction: what is left over is next transaction's work. */
export const maxOverduePerTransaction = 500
export const maxWaitersPerTransaction = 500

/**
 * How often an entry of the waitlist, for which there was not enough, is passed by somebody later. Then it is next: nobody behind it is given
 * units before it. `max_passed` in the database is the same number.
 */
export const maxPassed = 10

/**
 * Whether a sale takes requests at `now`: a draft opens by itself at `opensAt`, an open sale closes by itself at `closesAt`;
 * both to the microsecond, whoever notices first.
 */
export function saleStatusAt(sale: { status: SaleStatus; opensAt?: Instant; closesAt?: Instant }, now: Instant): SaleStatus {
  if (sale.status === "closed" || (sale.closesAt !== undefined && now >= sale.closesAt)) return "closed"
  if (sale.status === "open" || (sale.opensAt !== undefined && now >= sale.opensAt)) return "open"
  return "draft"
}

/** When the sale's status changes by itself next; undefined when it no longer does. */
export function saleStatusChangesAt(sale: SkuSale, now: Instant): Instant | undefined {
  const status = saleStatusAt(sale, now)
  if (status === "closed") return undefined
  const opening = status === "draft" ? sale.opensAt : undefined
  return opening === undefined ? sale.closesAt : Math.min(opening, sale.closesAt ?? opening)
}

/** PostgreSQL's clock may step back by so much, in microseconds, when a standby takes over. */
export const maxClockStepBack: Instant = 3 * second

/**
 * How long a sale takes, in microseconds, until it opens by itself, if that is so soon that admission may have seen it open by a clock that has stepped
 * back since; 0 otherwise. A request that is decided now would lose its key for being early.
 */
export function opensShortlyIn(sale: SkuSale, now: Instant): number {
  if (sale.opensAt === undefined || saleStatusAt(sale, now) !== "draft") return 0
  const left = sale.opensAt - now
  return left <= maxClockStepBack ? left : 0
}
