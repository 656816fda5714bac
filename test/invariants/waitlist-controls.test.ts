import { randomUUID } from "node:crypto"
import { expect } from "vitest"
import { forgetsExpiredHolds, lapsesWhoLeft } from "../sale/mistaken-books.ts"
import { requestRecord } from "../sale/records.ts"
import { describeControls, expectSound, expectWritten } from "./control.ts"

describeControls([
  {
    mistake: "an entry is cancelled and lapses in one transaction",
    planted: { decide: lapsesWhoLeft },
    caughtBy: /were on the waitlist|were in state 2/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 0, waitlist_limit: 5 })
      const [leaves, stays] = [requestRecord(sku, { joinWaitlist: true }), requestRecord(sku, { joinWaitlist: true })]
      await expectWritten(given, {}, sku.partition, given.line(sku.partition, [leaves, stays]))
      await given.superuser.query("UPDATE inventory SET closes_at = clock_timestamp() WHERE sku_no = $1", [sku.skuNo])
      const cancel = { kind: "cancel", reservationId: leaves.id, userId: leaves.userId } as const
      expect((await given.parts(planted).settle(sku.skuNo, cancel)).reservation?.state).toBe("CANCELLED")
      await expectSound(given)
    },
  },
  {
    mistake: "holds that ran out do not count towards the limit of holds",
    planted: { decide: forgetsExpiredHolds },
    caughtBy: /refused-by-database-23514/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 1 })
      const userId = randomUUID()
      for (let hold = 0; hold < 3; hold += 1) {
        await expectWritten(given, planted, sku.partition, given.line(sku.partition, [requestRecord(sku, { userId })]))
        await given.endHolds(sku.skuNo)
        await given.parts().settle(sku.skuNo, { kind: "expire" })
      }
      expect(await given.inventory(sku.skuNo)).toMatchObject({ refused_hold_limit: "1" })
      await expectSound(given)
    },
  },
])
