import { randomUUID } from "node:crypto"
import { expect } from "vitest"
import { transitionStatements } from "../../core/adapters/postgres/statements.ts"
import { maxPassed } from "../../core/domain/sale.ts"
import { forgetsExpiredHolds, lapsesLeftEntries } from "../sale/faulty-allocations.ts"
import { requestRecord } from "../sale/records.ts"
import { describeControls, expectInvariants, expectWritten } from "./control.ts"

/** The statement without the entries that need more than the free units. */
const onlyWhoFits = transitionStatements.loadWaiting.replaceAll(/UNION ALL[^U]*?LIMIT 1\)/g, "")

describeControls([
  {
    mistake: "an entry is cancelled and lapses in one transaction",
    planted: { decide: lapsesLeftEntries },
    caughtBy: /were on the waitlist|were in state 2/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 0, waitlist_limit: 5 })
      const [leaves, stays] = [requestRecord(sku, { joinWaitlist: true }), requestRecord(sku, { joinWaitlist: true })]
      await expectWritten(given, {}, sku.partition, given.append(sku.partition, [leaves, stays]))
      await given.superuser.query("UPDATE inventory SET closes_at = clock_timestamp() WHERE sku_no = $1", [sku.skuNo])
      const cancel = { kind: "cancel", reservationId: leaves.id, userId: leaves.userId } as const
      expect((await given.parts(planted).applyCommand(sku.skuNo, cancel)).reservation?.state).toBe("CANCELLED")
      await expectInvariants(given)
    },
  },
  {
    mistake: "holds that ran out do not count towards the limit of holds",
    planted: { decide: forgetsExpiredHolds },
    caughtBy: /"kind": "stopped".*"code": "23514"/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 1 })
      const userId = randomUUID()
      for (let hold = 0; hold < 3; hold += 1) {
        await expectWritten(given, planted, sku.partition, given.append(sku.partition, [requestRecord(sku, { userId })]))
        await given.endHolds(sku.skuNo)
        await given.parts().applyCommand(sku.skuNo, { kind: "expire" })
      }
      expect(await given.inventory(sku.skuNo)).toMatchObject({ refused_hold_limit: "1" })
      await expectInvariants(given)
    },
  },
  {
    mistake: "only those who fit are looked at, and nobody who is passed",
    planted: { statements: { ...transitionStatements, loadWaiting: onlyWhoFits } },
    caughtBy: /expected 12 to be 10/,
    async promise(given, planted) {
      const sku = await given.sku({ total_stock: 1, per_user_limit: 3, waitlist_limit: 20 })
      const waiting = Array.from({ length: 14 }, () => requestRecord(sku, { joinWaitlist: true }))
      const large = requestRecord(sku, { joinWaitlist: true, quantity: 3 })
      await expectWritten(given, {}, sku.partition, given.append(sku.partition, [requestRecord(sku), large, ...waiting]))
      const { applyCommand } = given.parts(planted)
      for (let time = 0; time < 6; time += 1) await applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 2 })
      const { rows } = await given.superuser.query("SELECT max(passed)::int AS most FROM waitlist")
      expect(rows[0]?.most).toBe(maxPassed)
      await expectInvariants(given)
    },
  },
])
