import { afterAll, beforeAll, expect, test } from "vitest"
import { transitionStatements } from "../../core/adapters/postgres/statements.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

type Sku = Awaited<ReturnType<GivenDatabase["sku"]>>

/** Two SKUs with requests in one partition, and a third SKU with requests in another. */
async function skus(): Promise<[Sku, Sku, Sku]> {
  const frozen = await given.sku({ total_stock: 100 })
  const neighbour = await given.sku({ total_stock: 100 })
  await given.superuser.query("UPDATE inventory SET partition = $2 WHERE sku_no = $1", [neighbour.skuNo, frozen.partition])
  return [frozen, { ...neighbour, partition: frozen.partition }, await given.sku({ total_stock: 100 })]
}

/** Long enough for a few tries, too short to wait for long. */
const shortTimeLeftMs = () => 300

test("a frozen SKU stops its partition and no other; after the resume the partition continues where it stopped", async () => {
  const [frozen, neighbour, elsewhere] = await skus()
  const { skuNo } = frozen
  const { writer, applyCommand } = given.parts()
  const write = (sku: Sku, timeLeftMs = longTimeLeftMs) =>
    writer.write(requestsTopic, sku.partition, given.append(sku.partition, [requestRecord(sku)]), timeLeftMs)
  // From the second batch on the writer is optimistic: the freeze must stop this path as well as the locked path.
  for (let batch = 0; batch < 6; batch += 1) expect(await write(frozen)).toEqual({ kind: "written" })

  await applyCommand(skuNo, { kind: "halt", skuNo, freeze: true })
  expect(await given.inventory(skuNo)).toMatchObject({ mode: "halted", frozen: true, resume_mode: "batch" })
  const before = [await given.inventory(skuNo), await given.inventory(neighbour.skuNo)]
  const waiting = given.append(frozen.partition, [requestRecord(neighbour), requestRecord(frozen)])
  const deliver = (timeLeftMs: () => number) => writer.write(requestsTopic, frozen.partition, waiting, timeLeftMs)
  expect(await deliver(shortTimeLeftMs)).toMatchObject({
    kind: "stopped",
    firstUnprocessed: waiting[0]?.offset,
    error: { code: "FS005" },
  })
  expect(await deliver(shortTimeLeftMs)).toMatchObject({ kind: "stopped" })
  expect([await given.inventory(skuNo), await given.inventory(neighbour.skuNo)]).toEqual(before)
  expect((await given.superuser.query("SELECT FROM quarantine")).rowCount).toBe(0)
  expect(await write(elsewhere)).toEqual({ kind: "written" })

  const resumed = deliver(longTimeLeftMs)
  await applyCommand(skuNo, { kind: "resume", skuNo })
  expect(await resumed).toEqual({ kind: "written" })
  expect((await given.inventory(skuNo)).reserved_count).toBe(7)
  expect((await given.inventory(neighbour.skuNo)).reserved_count).toBe(1)
  await given.expectInvariants()
})

/** Freezes during a batch of the writer. @returns whether the freeze was answered before that batch committed */
async function freezeDuringABatch(freezer: ReturnType<GivenDatabase["parts"]>) {
  // The batch belongs to another SKU: the lock of the frozen SKU's row must not be what separates the two.
  const [frozen, neighbour] = await skus()
  const { skuNo, partition } = frozen
  const inTransaction = Promise.withResolvers<void>()
  const mayCommit = Promise.withResolvers<void>()
  const { writer } = given.parts({
    reach: async (point) => {
      if (point !== "before-commit") return
      inTransaction.resolve()
      await mayCommit.promise
    },
  })
  const records = given.append(partition, [requestRecord(neighbour)])
  const writing = writer.write(requestsTopic, partition, records, longTimeLeftMs)
  await inTransaction.promise
  let answeredEarly = false
  const freezing = freezer.applyCommand(skuNo, { kind: "halt", skuNo, freeze: true }).then(() => {
    answeredEarly = true
  })
  const waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%partition_progress%'"
  while (!answeredEarly && (await given.superuser.query(waits)).rowCount === 0);
  const early = answeredEarly
  mayCommit.resolve()
  expect(await writing).toEqual({ kind: "written" })
  await freezing
  return { frozen, early }
}

test("no batch of the partition commits after the answer to a freeze: the freeze waits for the current batch", async () => {
  const { frozen, early } = await freezeDuringABatch(given.parts())
  expect(early).toBe(false)
  const { skuNo, partition } = frozen
  const { seq } = await given.inventory(skuNo)
  const late = given.append(partition, [requestRecord(frozen)])
  expect(await given.parts().writer.write(requestsTopic, partition, late, shortTimeLeftMs)).toMatchObject({ kind: "stopped" })
  expect((await given.inventory(skuNo)).seq).toBe(seq)
  await given.parts().applyCommand(skuNo, { kind: "resume", skuNo })
  expect(await given.parts().writer.write(requestsTopic, partition, late, longTimeLeftMs)).toEqual({ kind: "written" })
  await given.expectInvariants()
})

test("a freeze without the lock of the partition would be answered during a batch", async () => {
  const faulty = { ...transitionStatements, lockSkuPartition: "SELECT WHERE $sku_no::int IS NULL" }
  const { frozen, early } = await freezeDuringABatch(given.parts({ statements: faulty }))
  expect(early).toBe(true)
  await given.parts().applyCommand(frozen.skuNo, { kind: "resume", skuNo: frozen.skuNo })
  await given.expectInvariants()
})

test("holds of a frozen sale still end and can be cancelled: only the partition is stopped", async () => {
  const sku = await given.sku({ total_stock: 2 })
  const { skuNo, partition } = sku
  const { writer, applyCommand } = given.parts()
  const [kept, returned] = [requestRecord(sku), requestRecord(sku)]
  await writer.write(requestsTopic, partition, given.append(partition, [kept, returned]), longTimeLeftMs)
  await applyCommand(skuNo, { kind: "halt", skuNo, freeze: true })
  await applyCommand(skuNo, { kind: "cancel", reservationId: returned.id, userId: returned.userId })
  await given.endHolds(skuNo)
  await applyCommand(skuNo, { kind: "expire" })
  expect((await given.inventory(skuNo)).reserved_count).toBe(0)
  await given.expectInvariants()
})
