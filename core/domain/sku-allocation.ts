import { ownerOf } from "./ids.ts"
import type { ModeChange } from "./modes.ts"
import { Passing } from "./passing.ts"
import type { RefundChange } from "./refunds.ts"
import {
  type Instant,
  initialState,
  type Outcome,
  type Reservation,
  type ReservationRequest,
  type State,
  second,
} from "./reservation.ts"
import {
  type Holding,
  type OrderFacts,
  type OverdueHold,
  type SaleStatus,
  type SkuSale,
  saleStatusAt,
  type Waiter,
} from "./sale.ts"
import type { Counted, SkuChanges, Transition } from "./sku-changes.ts"
import { SkuLedger } from "./sku-ledger.ts"
import { UserHoldings } from "./user-holdings.ts"

/**
 * Gives out and takes back the units of one SKU during one transaction, one act after the other; each act sees what the acts
 * before it left. Acts that change something are entered in the ledger in the order in which they happen.
 */
export class SkuAllocation {
  readonly #terms: SkuSale
  readonly #now: Instant
  readonly #status: SaleStatus
  readonly #ledger: SkuLedger
  readonly #holdings: UserHoldings
  readonly #passing = new Passing()
  readonly #decisions: Reservation[] = []
  readonly #transitions: Transition[] = []
  readonly #left: Pick<Waiter, "id">[] = []
  readonly #promoted: Waiter[] = []
  readonly #tally: Partial<Record<Counted, number>> = {}

  /** @param before what users had of this SKU before the transaction; users who have no row are absent */
  constructor(sale: SkuSale, before: ReadonlyMap<string, Holding>, now: Instant) {
    this.#terms = sale
    this.#now = now
    this.#status = saleStatusAt(sale, now)
    this.#ledger = new SkuLedger(sale, now)
    this.#holdings = new UserHoldings(before)
  }

  get available(): number {
    return this.#ledger.available
  }

  /** Ends every overdue hold. */
  expire(overdue: readonly OverdueHold[]): void {
    for (const hold of overdue) this.#release(hold, "EXPIRED")
    this.#ledger.enterMoved("expired", overdue)
  }

  /** Ends a hold, or an entry of the waitlist, for its shopper. */
  cancel(reservation: Reservation & { readonly userId: string }): void {
    if (reservation.state === "WAITLISTED") this.#leave(reservation, "CANCELLED")
    else this.#release(reservation, "CANCELLED")
    this.#ledger.enterMoved("cancelled", [reservation])
  }

  /** Adds units, or recalls them; the caller has checked that they are free. */
  restock(quantity: number): void {
    this.#ledger.move({ total: quantity })
    this.#ledger.enterChange("restocked", quantity)
  }

  /** Takes the sold units of an order back, because its payment failed. */
  revoke(order: OrderFacts, as: "payment_failed"): void {
    this.#ledger.move({ sold: -order.quantity })
    this.#ledger.enterMoved(as, [{ id: order.reservationId, quantity: order.quantity }], order.amountMinor)
  }

  /** Enters money that went back to the shopper, or came back from them; `refunded` takes the sold units back with it. */
  enterRefund(order: OrderFacts, kind: NonNullable<RefundChange["kind"]>, amountMinor: number): void {
    if (kind === "refunded") this.#ledger.move({ sold: -order.quantity })
    this.#ledger.enterMoved(kind, [{ id: order.reservationId, quantity: order.quantity }], amountMinor)
  }

  /** Enters that the money of these orders was captured. */
  enterPaid(orders: readonly OrderFacts[]): void {
    const amountMinor = orders.reduce((sum, order) => sum + order.amountMinor, 0)
    const moved = orders.map(({ reservationId, quantity }) => ({ id: reservationId, quantity }))
    this.#ledger.enterMoved("paid", moved, amountMinor)
  }

  /** Changes the sale itself; `evolve` says how. */
  change(kind: "opened" | "closed" | ModeChange): void {
    this.#ledger.enterChange(kind)
  }

  /**
   * Gives released units to the waitlist: to the first entry whose quantity fits. When the sale is closed, every entry lapses.
   * The entries were loaded before the command was carried out, so an entry that the command took off the waitlist is among them
   * and must be left out.
   */
  serve(loaded: readonly Waiter[]): void {
    const gone = new Set(this.#left.map(({ id }) => id))
    const waiting = gone.size === 0 ? loaded : loaded.filter(({ id }) => !gone.has(id))
    if (saleStatusAt(this.#ledger.sale, this.#now) === "closed") this.#lapse(waiting)
    else this.#promote(waiting)
  }

  /** Decides a request that was never decided before. First come, first served: limits, then stock, then the waitlist. */
  decide(request: ReservationRequest): Reservation {
    const outcome = this.#outcomeOf(request)
    const state = initialState(outcome)
    const decision: { -readonly [Part in keyof Reservation]: Reservation[Part] } = {
      id: request.id,
      skuNo: request.skuNo,
      // All decisions of a transaction are one entry, the next one.
      seq: this.#ledger.sale.seq + 1,
      ord: this.#ledger.ordinalOf(request),
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
    if (outcome === "reserved") this.#give(request.quantity)
    else if (outcome === "waitlisted") this.#wait(request.quantity)
    if (state !== "REFUSED") this.#holdings.grant(request.userId, request.quantity)
    return decision
  }

  /** Counts a decision, or a request that was decided before. */
  count(what: Counted): void {
    this.#tally[what] = (this.#tally[what] ?? 0) + 1
  }

  /** Enters the decisions and returns everything that changed. */
  close(): SkuChanges {
    this.#ledger.enterDecisions(this.#decisions, this.#tally)
    const { entries, change, balances, sale } = this.#ledger
    return {
      skuNo: sale.skuNo,
      entries,
      decisions: this.#decisions,
      transitions: this.#transitions,
      holdings: this.#holdings.changes,
      newHolders: this.#holdings.newHolders,
      left: this.#left,
      promoted: this.#promoted,
      tally: this.#tally,
      ...(change && { sale: change }),
      balances,
      seq: sale.seq,
    }
  }

  #outcomeOf({ quantity, userId, joinWaitlist }: ReservationRequest): Outcome {
    const { perUserLimit, maxUnpaidHolds, waitlistLimit } = this.#terms
    if (quantity <= 0) return "invalid"
    if (this.#status === "draft") return "sale-not-open"
    if (this.#status === "closed") return "sale-closed"
    if (this.#holdings.unitsOf(userId) + quantity > perUserLimit) return "user-limit-reached"
    if (this.#holdings.hasUnpaidHolds(userId, maxUnpaidHolds)) return "hold-limit-reached"
    if (this.#mayHave(quantity)) return "reserved"
    if (joinWaitlist && this.#ledger.balances.waitlisted < waitlistLimit) return "waitlisted"
    return "sold-out"
  }

  /** True when units are free, and not kept for an entry of the waitlist that was passed too often. */
  #mayHave(quantity: number): boolean {
    return quantity <= this.available && !this.#passing.keepsUnits
  }

  #give(quantity: number): void {
    this.#ledger.move({ reserved: quantity })
    this.#passing.pass()
  }

  #wait(quantity: number): void {
    this.#ledger.move({ waitlisted: 1 })
    this.#keepWaiting(quantity, 0)
  }

  /** No units are kept for an entry that asks for more than all units that are not sold. */
  #keepWaiting(quantity: number, passed: number): void {
    const { total, sold } = this.#ledger.balances
    if (quantity <= total - sold) this.#passing.waits(passed)
  }

  #holdEnd(): Instant {
    return this.#now + this.#terms.holdSeconds * second
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
    this.#ledger.enterMoved("promoted", this.#promoted)
  }

  #lapse(waiting: readonly Waiter[]): void {
    for (const waiter of waiting) this.#leave(waiter, "LAPSED")
    this.#ledger.enterMoved("lapsed", waiting)
  }

  /** Ends a hold. */
  #release(hold: OverdueHold, to: State): void {
    this.#transitions.push({ id: hold.id, from: "RESERVED", to })
    this.#ledger.move({ reserved: -hold.quantity })
    this.#holdings.add(hold.userId, -hold.quantity)
  }

  /** Takes an entry off the waitlist. A promoted entry keeps its units as a hold; any other gives them up. */
  #leave(waiter: Pick<Waiter, "id" | "userId" | "quantity">, to: State, expiresAt?: Instant): void {
    this.#left.push(waiter)
    this.#transitions.push({ id: waiter.id, from: "WAITLISTED", to, ...(expiresAt !== undefined && { expiresAt }) })
    this.#ledger.move({ waitlisted: -1 })
    if (to !== "RESERVED") this.#holdings.add(waiter.userId, -waiter.quantity)
  }
}
