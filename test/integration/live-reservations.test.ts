import { afterAll, beforeAll, expect, test } from "vitest"
import { liveReservations } from "../../core/adapters/postgres/sales.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

const batches = 11

test("live reservations are read in decision order, page by page, past ledger entries without any, and of one SKU only", async () => {
  const { writer, applyCommand } = given.parts()
  const sku = await given.sku({ total_stock: 3 * batches - 6, waitlist_limit: 2 })
  const other = await given.sku({ total_stock: 5 })
  const write = async (of: typeof sku, count: number) => {
    const records = Array.from({ length: count }, () => requestRecord(of, { joinWaitlist: true }))
    expect(await writer.write(requestsTopic, of.partition, given.append(of.partition, records), longTimeLeftMs)).toEqual({
      kind: "written",
    })
    return records
  }
  const decided: ReturnType<typeof requestRecord>[][] = []
  for (let batch = 0; batch < batches; batch += 1) decided.push(await write(sku, 3))
  await write(other, 4)
  // Five ledger entries in a row, more than a page, have no live reservation left. Two waitlist entries were promoted and count.
  const gone = decided.slice(2, 7).flat()
  for (const { id, userId } of gone) await applyCommand(sku.skuNo, { kind: "cancel", reservationId: id, userId })

  const live: string[] = []
  for await (const { reservations } of liveReservations(given.reader, sku.skuNo)) {
    live.push(...reservations.map(({ reservation }) => reservation.id))
  }
  const accepted = decided.flat().slice(0, 3 * batches - 4)
  expect(live).toEqual(accepted.filter((record) => !gone.includes(record)).map(({ id }) => id))
  await given.expectInvariants()
})
