import { randomUUID } from "node:crypto"
import fc from "fast-check"
import type { Pool } from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { orderIdOf } from "../../core/domain/ids.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
let checkout: Pool
beforeAll(async () => {
  given = await givenDatabase()
  checkout = await postgresPool({ role: "checkout", size: 4 })
})
afterAll(async () => {
  await checkout.end()
  await given.close()
})

/** An authorised payment and its confirmation, as checkout makes them. @returns the outcome */
async function pay(skuNo: number, reservation: { id: string; userId: string }, attempt = randomUUID()): Promise<string> {
  await checkout.query(
    `INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency, status)
     VALUES ($1, $2, $3, $4, 1, 500, 'EUR', 'AUTHORISED') ON CONFLICT DO NOTHING`,
    [attempt, reservation.id, reservation.userId, skuNo],
  )
  const { rows } = await checkout.query<{ outcome: string }>("SELECT outcome FROM confirm_reservation($1, $2, $3, $4)", [
    reservation.id,
    reservation.userId,
    attempt,
    orderIdOf(reservation.id),
  ])
  return rows[0]?.outcome ?? "none"
}

/** Delivers as Kafka does: one delivery of a partition at a time, concurrently with all other work. */
function delivererOf(sku: { skuNo: number; skuId: string; partition: number }) {
  const { writer } = given.parts()
  let delivered: Promise<void> = Promise.resolve()
  return (...records: ReturnType<typeof requestRecord>[]): Promise<void> => {
    delivered = delivered.then(async () => {
      const result = await writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
      expect(result).toEqual({ kind: "written" })
    })
    return delivered
  }
}

const rival = fc.constantFrom("cancel", "pay", "expire", "write", "restock", "pay-again", "sweep")

test("cancel, checkout, expiry, promotion and the writer on one reservation at once: one wins, and no caller sees a deadlock", async () => {
  const { applyCommand } = given.parts()
  await fc.assert(
    fc.asyncProperty(fc.array(rival, { minLength: 3, maxLength: 9 }), fc.boolean(), async (rivals, overdue) => {
      const sku = await given.sku({ total_stock: 1, waitlist_limit: 5 })
      const [holder, waiter] = [requestRecord(sku), requestRecord(sku, { joinWaitlist: true })]
      const deliver = delivererOf(sku)
      await deliver(holder, waiter)
      if (overdue) await given.endHolds(sku.skuNo)
      const attempt = randomUUID()
      const results = await Promise.all(
        rivals.map(async (name) => {
          if (name === "cancel")
            return applyCommand(sku.skuNo, { kind: "cancel", reservationId: holder.id, userId: holder.userId })
          if (name === "pay" || name === "pay-again") return pay(sku.skuNo, holder, name === "pay" ? attempt : randomUUID())
          if (name === "restock") return applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 1 })
          if (name === "write") return deliver(requestRecord(sku), requestRecord(sku, { joinWaitlist: true }))
          return applyCommand(sku.skuNo, { kind: "expire" })
        }),
      )
      const rows = await given.rows([holder.id])
      const state = rows.get(holder.id)?.state
      if (results.includes("confirmed")) expect(state).toBe(3)
      if (overdue) expect(state).not.toBe(3)
    }),
    { numRuns: 40 },
  )
  const { rows } = await given.superuser.query("SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()")
  expect(rows).toEqual([{ deadlocks: 0 }])
  await given.expectInvariants()
})

test("100 sweepers of one SKU release each hold once", async () => {
  const { applyCommand } = given.parts()
  const sku = await given.sku({ total_stock: 600 })
  const records = Array.from({ length: 600 }, () => requestRecord(sku))
  await delivererOf(sku)(...records)
  await given.endHolds(sku.skuNo)
  const results = await Promise.all(Array.from({ length: 100 }, () => applyCommand(sku.skuNo, { kind: "expire" })))
  expect(results.reduce((sum, { expired }) => sum + expired, 0)).toBe(600)
  await given.expectInvariants()
})
