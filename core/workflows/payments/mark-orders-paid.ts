import { coalesceCalls } from "../../concurrency/coalesce-calls.ts"
import type { ApplyCommand } from "../allocation/apply-command.ts"

/** Orders in one transaction at most; what is beyond waits for the next. */
export const maxPaidPerTransaction = 100

/** Notes that the money of an order has arrived. @throws PostgreSQL's errors */
export type MarkOrderPaid = (skuNo: number, orderId: string) => Promise<void>

/**
 * Notes payments in company: one transaction of a SKU at a time, which takes all that arrived during the one before. Each for itself would
 * take the SKU's lock as often as the checkouts do, and for longer: two round trips against their one. Nothing waits for company.
 */
export function createMarkOrderPaid(applyCommand: ApplyCommand): MarkOrderPaid {
  const bySku = new Map<number, (orderId: string) => Promise<void>>()

  const ofSku = (skuNo: number) =>
    coalesceCalls<string, void>(
      async (orderIds) => {
        await applyCommand(skuNo, { kind: "paid", orderIds })
        return []
      },
      { maxItems: maxPaidPerTransaction },
    )

  return (skuNo, orderId) => {
    const note = bySku.get(skuNo) ?? ofSku(skuNo)
    bySku.set(skuNo, note)
    return note(orderId)
  }
}
