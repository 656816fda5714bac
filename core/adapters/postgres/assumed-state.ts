import type { Allocation } from "../../domain/decide.ts"
import type { Instant, Reservation } from "../../domain/reservation.ts"
import { maxOverduePerTransaction, maxWaitersPerTransaction, type SkuSale } from "../../domain/sale.ts"
import type { Written } from "./batch-write.ts"
import type { Loaded } from "./sale-load.ts"
import type { Committed } from "./transaction.ts"

/** True when the transaction left nothing for the next one: neither ended holds nor waitlist entries that fit. */
export const isSettled = ({ state }: Loaded): boolean =>
  [...state.overdue.values()].every((holds) => holds.length < maxOverduePerTransaction) &&
  [...state.waiting.values()].every((waiting) => waiting.length < maxWaitersPerTransaction)

/** True when an entry may wait for more than is free: only under the locks it is known how often it may still be passed. */
export const mayPassWaiters = ({ balances: { total, reserved, sold, waitlisted } }: SkuSale): boolean =>
  waitlisted > 0 && total > reserved + sold

/**
 * The state as the writer left it: no hold is overdue, no waitlist entry fits, every id is new and every user a newcomer. The
 * server checks it.
 */
export function assumed(sales: readonly { readonly skuId: string; readonly sale: SkuSale }[], now: Instant): Loaded {
  return {
    now,
    extended: [],
    decidedSeqs: new Map(),
    skuIds: new Map(sales.map(({ skuId, sale }) => [sale.skuNo, skuId])),
    state: {
      skus: new Map(sales.map(({ sale }) => [sale.skuNo, sale])),
      overdue: new Map(),
      waiting: new Map(),
      decided: new Map(),
      holdings: new Map(),
    },
  }
}

/** What was committed: at a later moment than assumed, on ledgers and balances that payments may have moved. */
export function asWritten({ answers, changes }: Allocation, loaded: Loaded, { decidedAt, sales, ...chosen }: Written): Committed {
  const laterBy = decidedAt - loaded.now
  const written = changes.map((change, index) => {
    const { seq = change.seq, ...units } = sales[index] ?? {}
    return { ...change, seq, balances: { ...change.balances, ...units } }
  })
  const movedBy = new Map(changes.map(({ skuNo, seq }, index) => [skuNo, (written[index]?.seq ?? seq) - seq]))
  const skus = new Map(
    [...loaded.state.skus].map(([skuNo, sale]) => [skuNo, { ...sale, seq: sale.seq + (movedBy.get(skuNo) ?? 0) }]),
  )
  const settled = (reservation: Reservation): Reservation => ({
    ...reservation,
    seq: reservation.seq + (movedBy.get(reservation.skuNo) ?? 0),
    ...(reservation.expiresAt !== undefined && { expiresAt: reservation.expiresAt + laterBy }),
  })
  return {
    allocation: {
      answers: answers.map((answer) => (answer.repeated ? answer : { ...answer, reservation: settled(answer.reservation) })),
      changes: written,
    },
    loaded: { ...loaded, now: decidedAt, state: { ...loaded.state, skus } },
    ...chosen,
  }
}
