import { coalesceCalls } from "../../concurrency/coalesce-calls.ts"
import type { ApplyCommand } from "../allocation/apply-command.ts"

/** Orders in one transaction at most. The rest waits for the next transaction. */
export const maxPaidPerTransaction = 100

/**
 * Least time between the starts of two such transactions of a SKU. In a rush captures end one by one, and each transaction takes
 * the lock that checkouts wait for; nobody waits for an order to become PAID.
 */
const transactionIntervalMs = 50

/** Records that the money of an order was captured. @throws PostgreSQL's errors */
export type MarkOrderPaid = (skuNo: number, orderId: string) => Promise<void>

/**
 * Marks orders as paid, many in one transaction. Each SKU has one such transaction at a time, which takes all orders that came
 * during the one before. A transaction for each order would take the SKU's lock as often as the checkouts do, and would hold it
 * longer: two round trips, where theirs is one. An order that comes alone never waits for others to come.
 *
 * @param intervalMs least time between the starts of two transactions of a SKU
 */
export function createMarkOrderPaid(applyCommand: ApplyCommand, intervalMs = transactionIntervalMs): MarkOrderPaid {
  const bySku = new Map<number, (orderId: string) => Promise<void>>()

  const createMarkForSku = (skuNo: number) =>
    coalesceCalls<string, void>(
      async (orderIds) => {
        await applyCommand(skuNo, { kind: "paid", orderIds })
        return []
      },
      { maxItems: maxPaidPerTransaction, intervalMs },
    )

  return (skuNo, orderId) => {
    const markPaid = bySku.get(skuNo) ?? createMarkForSku(skuNo)
    bySku.set(skuNo, markPaid)
    return markPaid(orderId)
  }
}
