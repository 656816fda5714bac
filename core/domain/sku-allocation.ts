import { ownerOf } from "./ids.ts"
import { digestOf, type LedgerEntry, type LedgerKind } from "./ledger.ts"
import type { ModeChange } from "./modes.ts"
import {
  type Instant,
  initialState,
  type Outcome,
  type Reservation,
  type ReservationRequest,
  refusalReasons,
  type State,
  second,
} from "./reservation.ts"
import {
  type Balances,
  type Holding,
  maxPassed,
  type OrderFacts,
  type OverdueHold,
  type SaleStatus,
  type SkuSale,
  saleStatusAt,
  type Waiter,
  type WriteMode,
} from "./sale.ts"

/** A reservation that moves on, from a state it must still be in. */
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

/** How often what was decided or repeated, by reason. */
export type Tally = Readonly<Partial<Record<Outcome | "duplicates" | "conflicts", number>>>

/** Everything that one transaction changes about one SKU. */
export interface SkuChanges {
  readonly skuNo: number
  readonly entries: readonly LedgerEntry[]
  readonly decisions: readonly Reservation[]
  readonly transitions: readonly Transition[]
  /** Change of the units of a user. */
  readonly holdings: ReadonlyMap<string, number>
  /** Users among them who had no row before. */
  readonly newHolders: ReadonlySet<string>
  /** Reservations that do not wait any more. */
  readonly left: readonly Pick<Waiter, "id">[]
  /** Those among them who were given units, in line order. */
  readonly promoted: readonly Waiter[]
  readonly tally: Tally
  readonly sale?: SaleChange
  readonly balances: Balances
  readonly seq: number
}

/**
 * The book of one SKU during one transaction: it hands out and takes back units, one act after the other, each seeing what the
 * acts before it left. Acts that change something are entered in the ledger in the order they happen.
 */
export class SkuAllocation {
  readonly #sale: SkuSale
  readonly #now: Instant
  readonly #status: SaleStatus
  readonly #before: ReadonlyMap<string, Holding>
  #entered: Balances
  #balances: Balances
  #seq: number
  readonly #entries: LedgerEntry[] = []
  readonly #decisions: Reservation[] = []
  readonly #transitions: Transition[] = []
  readonly #holdings = new Map<string, number>()
  readonly #newHolders = new Set<string>()
  /** Requests granted or waitlisted in this transaction, but for the first of a new holder. */
  readonly #moreHolds = new Map<string, number>()
  readonly #left: Pick<Waiter, "id">[] = []
  readonly #promoted: Waiter[] = []
  /** How often the first who waits, and could be served, was passed. It was passed at least as often as anybody behind it. */
  #passed: number | undefined
  readonly #tally: Partial<Record<Outcome | "duplicates" | "conflicts", number>> = {}
  #saleChange: SaleChange | undefined
  #firstOffset: number | undefined
  #lastOffset: number | undefined

  /** @param before what users had of this SKU before the transaction; without those who have no row */
  constructor(sale: SkuSale, before: ReadonlyMap<string, Holding>, now: Instant) {
    this.#sale = sale
    this.#now = now
    this.#status = saleStatusAt(sale, now)
    this.#before = before
    this.#balances = sale.balances
    this.#entered = sale.balances
    this.#seq = sale.seq
  }

  get available(): number {
    return this.#balances.total - this.#balances.reserved - this.#balances.sold
  }

  /** Time gives back: every overdue hold ends. */
  expire(overdue: readonly OverdueHold[]): void {
    for (const hold of overdue) {
      this.#transitions.push({ id: hold.id, from: "RESERVED", to: "EXPIRED" })
      this.#release(hold)
    }
    this.#enter("expired", overdue)
  }

  /**
   * A released unit goes to the next in line whose quantity fits; of a closed sale nobody waits any longer. The entries were loaded before
   * the command was carried out: one that it took off the waitlist is among them and does not wait any more.
   */
  serve(loaded: readonly Waiter[]): void {
    const gone = new Set(this.#left.map(({ id }) => id))
    const waiting = gone.size === 0 ? loaded : loaded.filter(({ id }) => !gone.has(id))
    if (this.#saleChange?.status === "closed" || this.#status === "closed") this.#lapse(waiting)
    else this.#promote(waiting)
  }

  #promote(waiting: readonly Waiter[]): void {
    for (const waiter of waiting) {
      if (!this.#mayHave(waiter.quantity)) {
        this.#keepWaiting(waiter.quantity, waiter.passed)
        continue
      }
      this.#promoted.push(waiter)
      this.#leave(waiter, "RESERVED", this.#holdEnd())
      this.#give(waiter.quantity)
    }
    this.#enter("promoted", this.#promoted)
  }

  /** The shopper gives back a hold or a place in line. */
  cancel(reservation: Reservation & { readonly userId: string }): void {
    if (reservation.state === "WAITLISTED") {
      this.#leave(reservation, "CANCELLED")
      this.#hold(reservation.userId, -reservation.quantity)
    } else {
      this.#transitions.push({ id: reservation.id, from: "RESERVED", to: "CANCELLED" })
      this.#release(reservation)
    }
    this.#enter("cancelled", [reservation])
  }

  /** Adds units, or recalls them; the caller has checked that they are free. */
  restock(quantity: number): void {
    this.#move({ total: quantity })
    this.#enter("restocked", [], quantity, true)
  }

  /** Takes a sold unit back: its payment failed or was refunded. */
  revoke(order: OrderFacts, as: "payment_failed" | "refunded"): void {
    this.#move({ sold: -order.quantity })
    this.#enter(as, [{ id: order.reservationId, quantity: order.quantity }], order.amountMinor)
  }

  /** Notes that the money of these orders has arrived. */
  applyCommand(orders: readonly OrderFacts[]): void {
    const amountMinor = orders.reduce((sum, order) => sum + order.amountMinor, 0)
    this.#enter(
      "paid",
      orders.map(({ reservationId, quantity }) => ({ id: reservationId, quantity })),
      amountMinor,
    )
  }

  /** Changes the sale itself; audited like everything else, and needed to replay it. */
  change(kind: "opened" | "closed" | ModeChange["kind"], change: SaleChange): void {
    this.#saleChange = change
    this.#enter(kind, [], 0, true)
  }

  /** Decides a request that was never decided before. First come, first served: limits, then stock, then the waitlist. */
  decide(request: ReservationRequest): Reservation {
    const outcome = this.#outcomeOf(request)
    this.#firstOffset ??= request.offset
    this.#lastOffset = request.offset
    const state = initialState(outcome)
    const decision: { -readonly [Part in keyof Reservation]: Reservation[Part] } = {
      id: request.id,
      skuNo: request.skuNo,
      seq: this.#seq + 1,
      ord: (request.offset ?? 0) - (this.#firstOffset ?? 0),
      outcome,
      state,
      quantity: request.quantity,
      owner: ownerOf(request.userId),
      bodyHash: request.bodyHash,
    }
    if (state !== "REFUSED") decision.userId = request.userId
    if (outcome === "reserved") decision.expiresAt = this.#holdEnd()
    this.#decisions.push(decision)
    this.count(outcome)
    if (outcome === "reserved") {
      this.#give(request.quantity)
      this.#grant(request)
    } else if (outcome === "waitlisted") {
      this.#move({ waitlisted: 1 })
      this.#keepWaiting(request.quantity, 0)
      this.#grant(request)
    }
    return decision
  }

  /** Counts a decision, or a request that was decided before. */
  count(what: Outcome | "duplicates" | "conflicts"): void {
    this.#tally[what] = (this.#tally[what] ?? 0) + 1
  }

  /** Enters the decisions and hands over everything that changed. */
  close(): SkuChanges {
    this.#enterDecisions()
    return {
      skuNo: this.#sale.skuNo,
      entries: this.#entries,
      decisions: this.#decisions,
      transitions: this.#transitions,
      holdings: this.#holdings,
      newHolders: this.#newHolders,
      left: this.#left,
      promoted: this.#promoted,
      tally: this.#tally,
      ...(this.#saleChange && { sale: this.#saleChange }),
      balances: this.#balances,
      seq: this.#seq,
    }
  }

  #outcomeOf({ quantity, userId, joinWaitlist }: ReservationRequest): Outcome {
    if (quantity <= 0) return "invalid"
    if (this.#status === "draft") return "sale-not-open"
    if (this.#status === "closed") return "sale-closed"
    const before = this.#before.get(userId)
    const moved = this.#holdings.get(userId)
    if ((before?.units ?? 0) + (moved ?? 0) + quantity > this.#sale.perUserLimit) return "user-limit-reached"
    const isKnown = before !== undefined || moved !== undefined
    if (isKnown && this.#unpaidHolds(userId, before) >= this.#sale.maxUnpaidHolds) return "hold-limit-reached"
    if (this.#mayHave(quantity)) return "reserved"
    if (joinWaitlist && this.#balances.waitlisted < this.#sale.waitlistLimit) return "waitlisted"
    return "sold-out"
  }

  /** True when units are free, and not kept for somebody who was passed too often. */
  #mayHave(quantity: number): boolean {
    return quantity <= this.available && (this.#passed ?? 0) < maxPassed
  }

  /** Units go to somebody, past everybody who was not given any. */
  #give(quantity: number): void {
    this.#move({ reserved: quantity })
    if (this.#passed !== undefined) this.#passed += 1
  }

  /** Somebody waits. Nothing is kept for an entry for which all that is not sold would not be enough. */
  #keepWaiting(quantity: number, passed: number): void {
    if (quantity <= this.#balances.total - this.#balances.sold) this.#passed ??= passed
  }

  #unpaidHolds(userId: string, before: Holding | undefined): number {
    const first = this.#newHolders.has(userId) ? 1 : 0
    return (before?.unpaidHolds ?? 0) + first + (this.#moreHolds.get(userId) ?? 0)
  }

  #holdEnd(): Instant {
    return this.#now + this.#sale.holdSeconds * second
  }

  #release(hold: OverdueHold): void {
    this.#move({ reserved: -hold.quantity })
    this.#hold(hold.userId, -hold.quantity)
  }

  #lapse(waiting: readonly Waiter[]): void {
    for (const waiter of waiting) {
      this.#leave(waiter, "LAPSED")
      this.#hold(waiter.userId, -waiter.quantity)
    }
    this.#enter("lapsed", waiting)
  }

  #leave(waiter: Pick<Waiter, "id">, to: State, expiresAt?: Instant): void {
    this.#left.push(waiter)
    this.#transitions.push({ id: waiter.id, from: "WAITLISTED", to, ...(expiresAt !== undefined && { expiresAt }) })
    this.#move({ waitlisted: -1 })
  }

  #move(delta: Partial<Balances>): void {
    const { total, reserved, sold, waitlisted } = this.#balances
    this.#balances = {
      total: total + (delta.total ?? 0),
      reserved: reserved + (delta.reserved ?? 0),
      sold: sold + (delta.sold ?? 0),
      waitlisted: waitlisted + (delta.waitlisted ?? 0),
    }
  }

  #grant({ userId, quantity }: ReservationRequest): void {
    if (!this.#before.has(userId) && !this.#holdings.has(userId)) this.#newHolders.add(userId)
    else this.#moreHolds.set(userId, (this.#moreHolds.get(userId) ?? 0) + 1)
    this.#hold(userId, quantity)
  }

  #hold(userId: string, units: number): void {
    this.#holdings.set(userId, (this.#holdings.get(userId) ?? 0) + units)
  }

  #enter(kind: LedgerKind, moved: readonly { id: string; quantity: number }[], amount?: number, always = false): void {
    if (moved.length === 0 && !always) return
    this.#append({
      kind,
      refused: [],
      moved: moved.map(({ id }) => id),
      amount: amount ?? moved.reduce((sum, { quantity }) => sum + quantity, 0),
    })
  }

  #enterDecisions(): void {
    if (this.#decisions.length === 0) return
    this.#append({
      kind: "decided",
      ...(this.#firstOffset !== undefined && { firstOffset: this.#firstOffset }),
      ...(this.#lastOffset !== undefined && { lastOffset: this.#lastOffset }),
      digest: digestOf(this.#decisions),
      refused: refusalReasons.map((reason) => this.#tally[reason] ?? 0),
      moved: [],
      amount: this.#balances.reserved - this.#entered.reserved,
    })
  }

  #append(entry: Omit<LedgerEntry, "seq" | "totalDelta" | "reservedDelta" | "soldDelta" | "waitlistedDelta">): void {
    this.#seq += 1
    this.#entries.push({
      ...entry,
      seq: this.#seq,
      totalDelta: this.#balances.total - this.#entered.total,
      reservedDelta: this.#balances.reserved - this.#entered.reserved,
      soldDelta: this.#balances.sold - this.#entered.sold,
      waitlistedDelta: this.#balances.waitlisted - this.#entered.waitlisted,
    })
    this.#entered = this.#balances
  }
}
