import { type Allocation, decide, type SaleCommand } from "../../../core/domain/decide.ts"
import type { LedgerEntry } from "../../../core/domain/ledger.ts"
import type { RefundChange } from "../../../core/domain/refunds.ts"
import { type Instant, type Reservation, type ReservationRequest, second } from "../../../core/domain/reservation.ts"
import {
  type Holding,
  maxOverduePerTransaction,
  maxWaitersPerTransaction,
  type OrderFacts,
  type RefundFacts,
  type SaleState,
  type SkuSale,
  saleStatusAt,
  type Waiter,
} from "../../../core/domain/sale.ts"

/** Replaces PostgreSQL for the pure core: loads the data that the statements would load, and applies their writes. */
export class MemorySale {
  readonly skus = new Map<number, SkuSale>()
  readonly reservations = new Map<string, Reservation>()
  readonly holdings = new Map<number, Map<string, number>>()
  readonly waitlist: (Waiter & { skuNo: number })[] = []
  readonly orders = new Map<string, OrderFacts>()
  readonly refunds = new Map<string, RefundFacts>()
  /** Every ledger entry, with its moment. */
  readonly ledger: { readonly entry: LedgerEntry; readonly at: Instant }[] = []
  now: Instant = 1_000 * second
  /** The loads see the sale this many microseconds before the clock is read. */
  lagMicros = 0
  readonly #decide: typeof decide

  /** @param decideWith the core, or one with a planted bug */
  constructor(decideWith: typeof decide = decide) {
    this.#decide = decideWith
  }

  addSku(sale: Partial<SkuSale> & { skuNo: number; total: number }): void {
    const { total, ...rest } = sale
    this.skus.set(sale.skuNo, {
      perUserLimit: 1,
      holdSeconds: 120,
      waitlistLimit: 0,
      maxUnpaidHolds: 2,
      status: "open",
      mode: "batch",
      resumeMode: "batch",
      frozen: false,
      epoch: 0,
      balances: { total, reserved: 0, sold: 0, waitlisted: 0 },
      seq: 1,
      ...rest,
    })
  }

  /** One transaction: load, decide, write. */
  run(command: SaleCommand, skuNos: readonly number[]): Allocation {
    const allocation = this.#decide(command, this.load(command, skuNos), this.now)
    this.apply(allocation)
    return allocation
  }

  /** A command and the next transaction, in which the waitlist of a sale that the command closed lapses. */
  applyCommand(command: SaleCommand, skuNo: number): Allocation {
    const allocation = this.run(command, [skuNo])
    if (command.kind === "close") this.run({ kind: "expire" }, [skuNo])
    return allocation
  }

  /** Plays confirm_checkout. @returns whether the hold became an order */
  confirm(id: string, orderId: string): boolean {
    const held = this.reservations.get(id)
    if (held?.state !== "RESERVED" || (held.expiresAt ?? 0) <= this.now) return false
    const { skuNo, quantity } = held
    const { balances, seq, ...sale } = this.sku(skuNo)
    const { reserved, sold } = balances
    this.reservations.set(id, { ...held, state: "CONFIRMED" })
    this.orders.set(orderId, {
      orderId,
      reservationId: id,
      skuNo,
      quantity,
      amountMinor: 500,
      refundedMinor: 0,
      status: "PENDING_CAPTURE",
    })
    const moved = { ...balances, reserved: reserved - quantity, sold: sold + quantity }
    const deltas = { totalDelta: 0, reservedDelta: -quantity, soldDelta: quantity, waitlistedDelta: 0 }
    const entry: LedgerEntry = { kind: "confirmed", seq: seq + 1, ...deltas, refused: [], moved: [id], amount: 500 }
    this.ledger.push({ entry, at: this.now })
    this.skus.set(skuNo, { ...sale, balances: moved, seq: seq + 1 })
    return true
  }

  /** Plays extend_sku for holds that have not expired. */
  extend(skuNo: number, seconds: number): void {
    for (const [id, held] of this.reservations) {
      const { expiresAt = 0 } = held
      if (held.skuNo !== skuNo || held.state !== "RESERVED" || expiresAt <= this.now) continue
      this.reservations.set(id, { ...held, expiresAt: expiresAt + seconds * second })
    }
  }

  /** Decides requests in one batch. */
  reserve(requests: readonly ReservationRequest[]): Allocation {
    return this.run({ kind: "allocate", requests }, [...new Set(requests.map(({ skuNo }) => skuNo))])
  }

  /** The state that a transaction on these SKUs would load. */
  load(command: SaleCommand, skuNos: readonly number[]): SaleState {
    const skus = new Map(skuNos.map((skuNo) => [skuNo, this.sku(skuNo)]))
    const overdue = new Map(skuNos.map((skuNo) => [skuNo, this.#overdue(skuNo)]))
    const refund = command.kind === "refund" ? this.refunds.get(command.refundId) : undefined
    return {
      skus,
      overdue,
      waiting: new Map(skuNos.map((skuNo) => [skuNo, this.#waiting(skuNo, command)])),
      decided: this.reservations,
      holdings: new Map(skuNos.map((skuNo) => [skuNo, this.#holdings(skuNo)])),
      orders: this.orders,
      ...(refund && { refund }),
    }
  }

  sku(skuNo: number): SkuSale {
    const sale = this.skus.get(skuNo)
    if (!sale) throw new Error(`There is no SKU ${skuNo}`)
    return sale
  }

  #holdings(skuNo: number): Map<string, Holding> {
    const units = [...(this.holdings.get(skuNo) ?? [])]
    return new Map(units.map(([userId, of]) => [userId, { units: of, unpaidHolds: this.#unpaidHolds(skuNo, userId) }]))
  }

  /** Counted as the invariant does. */
  #unpaidHolds(skuNo: number, userId: string): number {
    return [...this.reservations.values()].filter(
      (row) =>
        row.skuNo === skuNo &&
        row.userId === userId &&
        (["RESERVED", "WAITLISTED", "EXPIRED"].includes(row.state) || (row.state === "CANCELLED" && row.expiresAt !== undefined)),
    ).length
  }

  get #loadedAt(): Instant {
    return this.now - this.lagMicros
  }

  #overdue(skuNo: number) {
    return [...this.reservations.values()]
      .filter((r) => r.skuNo === skuNo && r.state === "RESERVED" && (r.expiresAt ?? 0) <= this.#loadedAt)
      .sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0))
      .slice(0, maxOverduePerTransaction)
      .map(({ id, userId = "", quantity }) => ({ id, userId, quantity }))
  }

  #waiting(skuNo: number, command: SaleCommand): Waiter[] {
    const sale = this.sku(skuNo)
    const overdue = this.#overdue(skuNo).reduce((sum, { quantity }) => sum + quantity, 0)
    const freed =
      command.kind === "restock"
        ? Math.max(0, command.quantity)
        : command.kind === "cancel"
          ? Math.max(0, this.reservations.get(command.reservationId)?.quantity ?? 0)
          : command.kind === "revoke" || command.kind === "refund"
            ? (this.orders.get(command.orderId)?.quantity ?? 0)
            : 0
    const units = sale.balances.total - sale.balances.reserved - sale.balances.sold + overdue + freed
    const closed = saleStatusAt(sale, this.#loadedAt) === "closed"
    const inLine = (a: Waiter, b: Waiter) => a.seq - b.seq || a.ord - b.ord
    const line = this.waitlist.filter((waiter) => waiter.skuNo === skuNo).sort(inLine)
    if (closed) return line.slice(0, maxWaitersPerTransaction)
    const fit = line.filter(({ quantity }) => quantity <= units).slice(0, maxWaitersPerTransaction)
    const unsold = sale.balances.total - sale.balances.sold
    const restocked = command.kind === "restock" ? command.quantity : 0
    const givesBack = command.kind === "revoke" || command.kind === "refund"
    const revoked = givesBack ? (this.orders.get(command.orderId)?.quantity ?? 0) : 0
    const least = unsold + Math.min(0, restocked)
    const next = line.find(({ quantity }) => quantity > units && quantity <= least)
    const orElse = line.find(
      ({ quantity }) => quantity > Math.max(units, least) && quantity <= unsold + Math.max(0, restocked) + revoked,
    )
    return [...fit, ...(next ? [next] : []), ...(orElse ? [orElse] : [])].sort(inLine)
  }

  /** A request got units while these entries waited. */
  #pass(skuNo: number, waits: (entry: Waiter) => boolean): void {
    for (const [place, entry] of this.waitlist.entries()) {
      if (entry.skuNo === skuNo && waits(entry)) this.waitlist[place] = { ...entry, passed: entry.passed + 1 }
    }
  }

  apply(allocation: Allocation): void {
    for (const changes of allocation.changes) {
      for (const entry of changes.entries) this.ledger.push({ entry, at: this.now })
      for (const decision of changes.decisions) this.reservations.set(decision.id, decision)
      for (const { id, from, to, expiresAt } of changes.transitions) {
        const reservation = this.reservations.get(id)
        if (reservation?.state !== from) throw new Error(`Reservation ${id} is ${reservation?.state}, not ${from}`)
        this.reservations.set(id, { ...reservation, state: to, ...(expiresAt !== undefined && { expiresAt }) })
      }
      const holdings = this.holdings.get(changes.skuNo) ?? new Map<string, number>()
      this.holdings.set(changes.skuNo, holdings)
      for (const [userId, units] of changes.holdings) {
        if (changes.newHolders.has(userId) === holdings.has(userId))
          throw new Error(`The core treats existing holdings of ${userId} as new, or new ones as existing`)
        holdings.set(userId, (holdings.get(userId) ?? 0) + units)
      }
      for (const { id } of changes.left) {
        const place = this.waitlist.findIndex((waiter) => waiter.id === id)
        if (place < 0) throw new Error(`Reservation ${id} is not on the waitlist`)
        this.waitlist.splice(place, 1)
      }
      for (const { seq, ord } of changes.promoted)
        this.#pass(changes.skuNo, (of) => of.seq < seq || (of.seq === seq && of.ord < ord))
      for (const { outcome, id, userId = "", quantity, seq, ord, skuNo } of changes.decisions) {
        if (outcome === "waitlisted") this.waitlist.push({ id, userId, quantity, seq, ord, skuNo, passed: 0 })
        if (outcome === "reserved") this.#pass(skuNo, () => true)
      }
      const sale = this.sku(changes.skuNo)
      this.skus.set(changes.skuNo, {
        ...sale,
        ...changes.sale,
        ...(changes.sale?.mode && { epoch: sale.epoch + 1 }),
        ...(changes.sale?.mode === "halted" && sale.mode !== "halted" && { resumeMode: sale.mode }),
        balances: changes.balances,
        seq: changes.seq,
      })
    }
    for (const id of allocation.orders?.ids ?? []) {
      const order = this.orders.get(id)
      if (order && allocation.orders) this.orders.set(id, { ...order, status: allocation.orders.status })
    }
    if (allocation.refund) this.#settle(allocation.refund)
  }

  /** Plays change_refund. */
  #settle({ refundId, from, to, refundedMinor }: RefundChange): void {
    const refund = this.refunds.get(refundId)
    const order = this.orders.get(refund?.orderId ?? "")
    if (refund === undefined || order === undefined || !from.includes(refund.state))
      throw new Error(`Refund ${refundId} is not in ${from}`)
    this.refunds.set(refundId, { ...refund, state: to })
    this.orders.set(order.orderId, { ...order, refundedMinor })
  }
}
