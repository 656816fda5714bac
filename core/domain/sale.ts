import { type Instant, type Reservation, second } from "./reservation.ts"

export type SaleStatus = "draft" | "open" | "closed"
export type WriteMode = "batch" | "direct" | "halted"

/** A hold that has run out, as loaded under the lock. */
export interface OverdueHold {
  readonly id: string
  readonly userId: string
  readonly quantity: number
}

/** An entry of the waitlist; `(seq, ord)` of its decision is its position. */
export interface Waiter {
  readonly id: string
  readonly userId: string
  readonly quantity: number
  readonly seq: number
  readonly ord: number
  /** How often a later request was given units while this entry waited. */
  readonly passed: number
}

/** The holdings of a user for one SKU. */
export interface Holding {
  /** Units held, waited for or bought. */
  readonly units: number
  /** Unpaid reservations that are a hold, were one, or wait for one. */
  readonly unpaidHolds: number
}

/** Units of a SKU: all of them, those held, those sold. The rest is available. */
export interface Balances {
  readonly total: number
  readonly reserved: number
  readonly sold: number
  /** Entries on the waitlist. */
  readonly waitlisted: number
}

/** The sale of one SKU: its terms, its state, and the end of its ledger. */
export interface SkuSale {
  readonly skuNo: number
  readonly perUserLimit: number
  readonly holdSeconds: number
  readonly waitlistLimit: number
  /** A user with so many unpaid reservations is refused another one. */
  readonly maxUnpaidHolds: number
  readonly status: SaleStatus
  readonly mode: WriteMode
  readonly resumeMode: "batch" | "direct"
  /** A halted sale whose writer is stopped, and with it everything in its partition. */
  readonly frozen: boolean
  /** Increases with every change of mode. A process that knows an older epoch commits nothing. */
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
  /** The money that went back to the shopper. */
  readonly refundedMinor: number
  readonly status: OrderStatus
}

/**
 * REQUESTED -> UNKNOWN | PENDING -> SUCCEEDED | FAILED; and SUCCEEDED -> FAILED, when the bank of the shopper sends the money
 * back.
 */
export type RefundState = "REQUESTED" | "UNKNOWN" | "PENDING" | "SUCCEEDED" | "FAILED"

/** A refund, as far as the order and the stock depend on it. */
export interface RefundFacts {
  readonly refundId: string
  readonly orderId: string
  readonly amountMinor: number
  readonly state: RefundState
  /** Whether the units go back to stock when this refund completes the payment. */
  readonly returnUnit: boolean
}

/** Everything that a decision depends on, loaded under the locks of one transaction. */
export interface SaleState {
  readonly skus: ReadonlyMap<number, SkuSale>
  /** Overdue holds by SKU, earliest first, at most `maxOverduePerTransaction` each. */
  readonly overdue: ReadonlyMap<number, readonly OverdueHold[]>
  /**
   * Waitlist entries by SKU, in the order of the waitlist: the entries that may fit, and the first of the others that could be
   * served. For a closed sale, the entries that lapse.
   */
  readonly waiting: ReadonlyMap<number, readonly Waiter[]>
  /** Earlier decisions about the ids of the command. */
  readonly decided: ReadonlyMap<string, Reservation>
  /** By SKU and user. An absent user has no row yet. */
  readonly holdings: ReadonlyMap<number, ReadonlyMap<string, Holding>>
  /** The orders that a payment command names. */
  readonly orders?: ReadonlyMap<string, OrderFacts>
  /** The refund that a refund command names. */
  readonly refund?: RefundFacts
}

/** Bounds of one transaction. The next transaction does the rest. */
export const maxOverduePerTransaction = 500
export const maxWaitersPerTransaction = 500

/**
 * How often later requests may pass an entry of the waitlist for which there were not enough units. After that it is next: no
 * request behind it is given units before it. `max_passed` in the database is the same number.
 */
export const maxPassed = 10

/**
 * Whether a sale takes requests at `now`: a draft opens by itself at `opensAt`, an open sale closes by itself at `closesAt`;
 * both to the microsecond, for any transaction that notices it first.
 */
export function saleStatusAt(sale: { status: SaleStatus; opensAt?: Instant; closesAt?: Instant }, now: Instant): SaleStatus {
  if (sale.status === "closed" || (sale.closesAt !== undefined && now >= sale.closesAt)) return "closed"
  if (sale.status === "open" || (sale.opensAt !== undefined && now >= sale.opensAt)) return "open"
  return "draft"
}

/** When the status of the sale changes by itself next; undefined when it no longer does. */
export function saleStatusChangesAt(sale: SkuSale, now: Instant): Instant | undefined {
  const status = saleStatusAt(sale, now)
  if (status === "closed") return undefined
  const opening = status === "draft" ? sale.opensAt : undefined
  return opening === undefined ? sale.closesAt : Math.min(opening, sale.closesAt ?? opening)
}

/** PostgreSQL's clock may step back by so many microseconds when a standby takes over. */
export const maxClockStepBack: Instant = 3 * second

/**
 * Microseconds until a sale opens by itself, if that is so soon that admission may have seen it open by a clock that has stepped
 * back since; 0 otherwise. A decision now would refuse the request as too early, and that decision would be final.
 */
export function opensShortlyIn(sale: SkuSale, now: Instant): number {
  if (sale.opensAt === undefined || saleStatusAt(sale, now) !== "draft") return 0
  const left = sale.opensAt - now
  return left <= maxClockStepBack ? left : 0
}
