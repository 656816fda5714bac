import { evolve, saleChangeOf } from "./evolve.ts"
import { digestOf, type LedgerEntry, type LedgerKind } from "./ledger.ts"
import { type Instant, type Reservation, type ReservationRequest, refusalReasons } from "./reservation.ts"
import type { Balances, SkuSale } from "./sale.ts"
import type { SaleChange, Tally } from "./sku-changes.ts"

/** A reservation that an entry names. */
export interface Moved {
  readonly id: string
  readonly quantity: number
}

/**
 * The balances and the new ledger entries of one SKU during one transaction. Units move one act at a time; an entry covers
 * everything that moved since the entry before it.
 */
export class SkuLedger {
  readonly entries: LedgerEntry[] = []
  readonly #now: Instant
  /** The sale as of the last entry. */
  #sale: SkuSale
  #balances: Balances
  #change: SaleChange | undefined
  #firstOffset: number | undefined
  #lastOffset: number | undefined

  constructor(sale: SkuSale, now: Instant) {
    this.#sale = sale
    this.#balances = sale.balances
    this.#now = now
  }

  /** The sale with all entries so far. */
  get sale(): SkuSale {
    return this.#sale
  }

  get balances(): Balances {
    return this.#balances
  }

  get available(): number {
    return this.#balances.total - this.#balances.reserved - this.#balances.sold
  }

  /** What the entries changed about the sale itself, if anything. */
  get change(): SaleChange | undefined {
    return this.#change
  }

  move(delta: Partial<Balances>): void {
    const { total, reserved, sold, waitlisted } = this.#balances
    this.#balances = {
      total: total + (delta.total ?? 0),
      reserved: reserved + (delta.reserved ?? 0),
      sold: sold + (delta.sold ?? 0),
      waitlisted: waitlisted + (delta.waitlisted ?? 0),
    }
  }

  /** Enters what moved reservations; no entry when there are none. The amount is their units unless it is given. */
  enterMoved(kind: LedgerKind, moved: readonly Moved[], amount?: number): void {
    if (moved.length === 0) return
    const units = amount ?? moved.reduce((sum, { quantity }) => sum + quantity, 0)
    this.#append({ kind, refused: [], moved: moved.map(({ id }) => id), amount: units })
  }

  /** Enters a change of the sale or of its stock, which names no reservation. */
  enterChange(kind: LedgerKind, amount = 0): void {
    const change = saleChangeOf(kind, this.#sale, this.#now)
    if (change !== undefined) this.#change = change
    this.#append({ kind, refused: [], moved: [], amount })
  }

  /**
   * Adds the next request that is decided.
   * @returns its ordinal in the entry of decisions: the offset since the first of them
   */
  ordinalOf({ offset }: ReservationRequest): number {
    this.#firstOffset ??= offset
    this.#lastOffset = offset
    return (offset ?? 0) - (this.#firstOffset ?? 0)
  }

  /** Enters all decisions of the transaction in one entry; no entry when there are none. */
  enterDecisions(decisions: readonly Reservation[], tally: Tally): void {
    if (decisions.length === 0) return
    this.#append({
      kind: "decided",
      ...(this.#firstOffset !== undefined && { firstOffset: this.#firstOffset }),
      ...(this.#lastOffset !== undefined && { lastOffset: this.#lastOffset }),
      digest: digestOf(decisions),
      refused: refusalReasons.map((reason) => tally[reason] ?? 0),
      moved: [],
      amount: this.#balances.reserved - this.#sale.balances.reserved,
    })
  }

  #append(entry: Omit<LedgerEntry, "seq" | "totalDelta" | "reservedDelta" | "soldDelta" | "waitlistedDelta">): void {
    const before = this.#sale.balances
    const appended: LedgerEntry = {
      ...entry,
      seq: this.#sale.seq + 1,
      totalDelta: this.#balances.total - before.total,
      reservedDelta: this.#balances.reserved - before.reserved,
      soldDelta: this.#balances.sold - before.sold,
      waitlistedDelta: this.#balances.waitlisted - before.waitlisted,
    }
    this.entries.push(appended)
    this.#sale = evolve(this.#sale, appended, this.#now)
  }
}
