import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { maxPassed } from "../../core/domain/sale.ts"
import { createDirectDecisions } from "../../core/workflows/allocation/direct-decisions.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

type Sku = Awaited<ReturnType<GivenDatabase["sku"]>>
type Requests = ReturnType<typeof requestRecord>[]

const requests = (sku: Sku, count: number, more: Parameters<typeof requestRecord>[1] = {}) =>
  Array.from({ length: count }, () => requestRecord(sku, more))
async function write(sku: Sku, records: Requests): Promise<void> {
  const delivered = given.append(sku.partition, records)
  expect(await given.parts().writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
}
const restock = ({ skuNo }: Sku, quantity: number) => given.parts().applyCommand(skuNo, { kind: "restock", skuNo, quantity })
const statesOf = async (records: Requests) => {
  const rows = await given.rows(records.map(({ id }) => id))
  return records.map(({ id }) => rows.get(id)?.state)
}
const passedOf = async (...ids: string[]) => {
  const { rows } = await given.superuser.query("SELECT passed FROM waitlist WHERE id = ANY($1::uuid[]) ORDER BY seq, ord", [ids])
  return rows.map(({ passed }) => passed)
}

test("the database and the code have the same limit", async () => {
  const { rows } = await given.superuser.query("SELECT max_passed() AS most")
  expect(rows).toEqual([{ most: maxPassed }])
})

test("entries within one transaction pass an entry for three units ten times, and then units are kept for it", async () => {
  const sku = await given.sku({ total_stock: 1, per_user_limit: 3, waitlist_limit: 100 })
  const [holder = requestRecord(sku)] = requests(sku, 1)
  const large = requestRecord(sku, { quantity: 3, joinWaitlist: true })
  const small = requests(sku, 30, { joinWaitlist: true })
  await write(sku, [holder, large, ...small])
  // Two units at a time never suffice for three. Entries for one unit are served, except with the last two units.
  for (let units = 0; units < maxPassed; units += 2) await restock(sku, 2)
  expect(await passedOf(large.id)).toEqual([maxPassed])
  await restock(sku, 2)
  expect((await statesOf(small)).filter((state) => state === 1)).toHaveLength(maxPassed)
  const [late = large] = requests(sku, 1)
  await write(sku, [late])
  expect(await statesOf([large, late])).toEqual([2, 0])
  expect(await given.inventory(sku.skuNo)).toMatchObject({ total_stock: 13, reserved_count: 11, refused_sold_out: "1" })
  await given.expectInvariants()

  await restock(sku, 2)
  expect(await statesOf([large])).toEqual([1])
  expect((await statesOf(small)).filter((state) => state === 1)).toHaveLength(maxPassed + 1)
  await given.expectInvariants()
})

test("500 promotions in one transaction pass an earlier entry ten times and no more", async () => {
  const sku = await given.sku({ total_stock: 0, per_user_limit: 700, waitlist_limit: 1_000 })
  const large = requestRecord(sku, { quantity: 600, joinWaitlist: true })
  const small = requests(sku, 550, { joinWaitlist: true })
  await restock(sku, 100)
  const [holder = requestRecord(sku)] = requests(sku, 1, { quantity: 100 })
  await write(sku, [holder, large, ...small])
  await restock(sku, 550)
  expect(await passedOf(large.id)).toEqual([maxPassed])
  expect((await statesOf(small)).filter((state) => state === 1)).toHaveLength(maxPassed)
  await given.expectInvariants()
})

test("new requests pass waitlist entries as well: within a batch, from one batch to the next, and directly", async () => {
  const sku = await given.sku({ total_stock: 14, per_user_limit: 14, waitlist_limit: 10 })
  const [holder = requestRecord(sku)] = requests(sku, 1, { quantity: 1 })
  const large = requestRecord(sku, { quantity: 14, joinWaitlist: true })
  await write(sku, [holder, large, ...requests(sku, 3)])
  expect(await passedOf(large.id)).toEqual([3])
  await write(sku, requests(sku, 4))
  expect(await passedOf(large.id)).toEqual([7])
  await given.parts().applyCommand(sku.skuNo, { kind: "switch", skuNo: sku.skuNo, mode: "direct" })
  const { epoch } = await given.inventory(sku.skuNo)
  const { transact } = given.parts()
  const decide = createDirectDecisions({ pool: given.transition, projection: given.projection, transact })
  const statuses: string[] = []
  for (let time = 0; time < 4; time += 1) {
    const request = { id: randomUUID(), userId: randomUUID(), skuNo: sku.skuNo, quantity: 1, joinWaitlist: false, bodyHash: 1 }
    const result = await decide(request, epoch)
    statuses.push(result.kind === "decided" ? result.view.status : result.kind)
  }
  expect(statuses).toEqual(["RESERVED", "RESERVED", "RESERVED", "REFUSED"])
  expect(await passedOf(large.id)).toEqual([maxPassed])
  await given.expectInvariants()
})

test("no units are kept for an entry that needs more than the unsold units", async () => {
  const sku = await given.sku({ total_stock: 2, per_user_limit: 9, waitlist_limit: 10 })
  const impossible = requestRecord(sku, { quantity: 9, joinWaitlist: true })
  await write(sku, [impossible])
  for (let time = 0; time < maxPassed + 2; time += 1) {
    const [once = impossible] = requests(sku, 1)
    await write(sku, [once])
    expect(await statesOf([once])).toEqual([1])
    await given.parts().applyCommand(sku.skuNo, { kind: "cancel", reservationId: once.id, userId: once.userId })
  }
  await given.expectInvariants()
})
