import { afterAll, beforeAll, expect, test } from "vitest"
import { sweep } from "../../lambdas/expiry-sweeper/workflow.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

// Only the calls of a test run here: each caller of `expire` is sufficient alone.
let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

const expired = 4

async function overdueHolds(count: number) {
  const sku = await given.sku({ total_stock: count })
  const holds = Array.from({ length: count }, () => requestRecord(sku))
  await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, holds), longTimeLeftMs)
  await given.endHolds(sku.skuNo)
  return { sku, holds }
}

const statesOf = async (holds: readonly { id: string }[]) =>
  [...(await given.rows(holds.map(({ id }) => id))).values()].map(({ state }) => state)

test("the sweeper alone expires overdue holds, more than fit into one transaction", async () => {
  const { sku, holds } = await overdueHolds(1_200)
  await sweep(given.reader, given.parts().applyCommand)
  expect(new Set(await statesOf(holds))).toEqual(new Set([expired]))
  expect((await given.inventory(sku.skuNo)).reserved_count).toBe(0)
  await given.expectInvariants()
})

test("the writer alone expires the overdue holds of the SKUs in its batch, and sells the units in the same transaction", async () => {
  const { sku, holds } = await overdueHolds(3)
  const next = requestRecord(sku)
  await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, [next]), longTimeLeftMs)
  expect(await statesOf(holds)).toEqual([expired, expired, expired])
  expect(await statesOf([next])).toEqual([1])
  await given.expectInvariants()
})

test("a cancel that comes too late expires the hold itself", async () => {
  const { sku, holds } = await overdueHolds(1)
  const [hold] = holds
  const settled = await given
    .parts()
    .applyCommand(sku.skuNo, { kind: "cancel", reservationId: hold?.id ?? "", userId: hold?.userId ?? "" })
  expect(settled).toMatchObject({ refused: "not-cancellable", expired: 1 })
  expect(await statesOf(holds)).toEqual([expired])
  await given.expectInvariants()
})

test("Redis alone stops showing a hold when it ends", async () => {
  const sku = await given.sku({ total_stock: 1, hold_seconds: 1 })
  const hold = requestRecord(sku)
  await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, [hold]), longTimeLeftMs)
  const view = `r:${hold.id}`
  expect(await given.redis.get(view)).toMatch(/^RESERVED/)
  const lifeMs = await given.redis.pttl(view)
  expect(lifeMs).toBeGreaterThan(0)
  expect(lifeMs).toBeLessThanOrEqual(1_000)
  await given.redis.pexpire(view, 1)
  await given.parts().applyCommand(sku.skuNo, { kind: "expire" })
})

test("a hold with time left is not expired", async () => {
  const sku = await given.sku({ total_stock: 2 })
  const hold = requestRecord(sku)
  const { writer, applyCommand } = given.parts()
  await writer.write(requestsTopic, sku.partition, given.append(sku.partition, [hold]), longTimeLeftMs)
  await sweep(given.reader, applyCommand)
  await applyCommand(sku.skuNo, { kind: "expire" })
  await writer.write(requestsTopic, sku.partition, given.append(sku.partition, [requestRecord(sku)]), longTimeLeftMs)
  expect(await statesOf([hold])).toEqual([1])
  await given.expectInvariants()
})

test("the sweeper closes a sale after its closing time, and the waitlist lapses", async () => {
  const sku = await given.sku({ total_stock: 1, waitlist_limit: 2 })
  const [hold, waiter] = [requestRecord(sku), requestRecord(sku, { joinWaitlist: true })]
  const { writer, applyCommand } = given.parts()
  await writer.write(requestsTopic, sku.partition, given.append(sku.partition, [hold, waiter]), longTimeLeftMs)
  await given.superuser.query("UPDATE inventory SET closes_at = clock_timestamp() WHERE sku_no = $1", [sku.skuNo])
  await sweep(given.reader, applyCommand)
  expect((await given.inventory(sku.skuNo)).status).toBe("closed")
  expect(await statesOf([hold])).toEqual([1])
  expect(await statesOf([waiter])).toEqual([6])
  await given.expectInvariants()
})
