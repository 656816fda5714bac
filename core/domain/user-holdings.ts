import type { Holding } from "./sale.ts"

/** What users have of one SKU during one transaction: their units and their unpaid holds. */
export class UserHoldings {
  /** Change of each user's units. */
  readonly changes = new Map<string, number>()
  /** Users among them who had no row before. */
  readonly newHolders = new Set<string>()
  readonly #before: ReadonlyMap<string, Holding>
  /** Requests granted or waitlisted in this transaction, except the first one of a new holder. */
  readonly #moreHolds = new Map<string, number>()

  /** @param before what users had of this SKU before the transaction; users who have no row are absent */
  constructor(before: ReadonlyMap<string, Holding>) {
    this.#before = before
  }

  unitsOf(userId: string): number {
    return (this.#before.get(userId)?.units ?? 0) + (this.changes.get(userId) ?? 0)
  }

  /** True for a user who has that many unpaid holds; never for one who has not asked before. */
  hasUnpaidHolds(userId: string, limit: number): boolean {
    const before = this.#before.get(userId)
    if (before === undefined && !this.changes.has(userId)) return false
    const first = this.newHolders.has(userId) ? 1 : 0
    return (before?.unpaidHolds ?? 0) + first + (this.#moreHolds.get(userId) ?? 0) >= limit
  }

  /** Adds a request that is granted or waitlisted. */
  grant(userId: string, units: number): void {
    if (!this.#before.has(userId) && !this.changes.has(userId)) this.newHolders.add(userId)
    else this.#moreHolds.set(userId, (this.#moreHolds.get(userId) ?? 0) + 1)
    this.add(userId, units)
  }

  /** Adds units, or takes them back. */
  add(userId: string, units: number): void {
    this.changes.set(userId, (this.changes.get(userId) ?? 0) + units)
  }
}
