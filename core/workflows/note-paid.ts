import type { Settle } from "./settle.ts"

/** Orders in one transaction at most; what is beyond waits for the next. */
export const maxPaidPerTransaction = 100

/** Notes that the money of an order has arrived. @throws PostgreSQL's errors */
export type NotePaid = (skuNo: number, orderId: string) => Promise<void>

interface Note {
  readonly orderId: string
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Notes payments in company: one transaction of a SKU at a time, which takes all that arrived during the one before. Each for itself would
 * take the SKU's lock as often as the checkouts do, and for longer: two round trips against their one. Nothing waits for company.
 */
export function createNotePaid(settle: Settle): NotePaid {
  const waiting = new Map<number, Note[]>()

  const settleAll = async (skuNo: number, notes: Note[]) => {
    while (notes.length > 0) {
      const taken = notes.splice(0, maxPaidPerTransaction)
      try {
        await settle(skuNo, { kind: "paid", orderIds: taken.map(({ orderId }) => orderId) })
        for (const { resolve } of taken) resolve()
      } catch (error) {
        for (const { reject } of taken) reject(error)
      }
    }
    waiting.delete(skuNo)
  }

  return (skuNo, orderId) =>
    new Promise((resolve, reject) => {
      const notes = waiting.get(skuNo)
      if (notes) notes.push({ orderId, resolve, reject })
      else {
        const first = [{ orderId, resolve, reject }]
        waiting.set(skuNo, first)
        void settleAll(skuNo, first)
      }
    })
}
