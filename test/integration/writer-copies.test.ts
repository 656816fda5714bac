import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import {
  type GivenOptimisticWriter,
  type GivenSku,
  givenOptimisticWriter,
  type Requests,
  requests,
} from "../sale/given-optimistic-writer.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

let { writer, attempts } = {} as GivenOptimisticWriter
beforeEach(() => {
  ;({ writer, attempts } = givenOptimisticWriter(given))
})

type Sku = GivenSku
const write = async ({ partition }: Sku, records: Requests) =>
  expect(await writer.write(requestsTopic, partition, given.append(partition, records), longTimeLeftMs)).toEqual({
    kind: "written",
  })
/** Lets another process write that had the partition before. */
const writeElsewhere = async ({ partition }: Sku, records: Requests) =>
  expect(
    await givenOptimisticWriter(given).writer.write(requestsTopic, partition, given.append(partition, records), longTimeLeftMs),
  ).toEqual({
    kind: "written",
  })
const outcomesOf = async (records: readonly { id: string }[]) => {
  const rows = await given.rows(records.map(({ id }) => id))
  return records.map(({ id }) => rows.get(id)?.outcome)
}
const copyOf = (sku: Sku, { id, userId }: { id: string; userId: string }, more = {}) =>
  requestRecord(sku, { id, userId, ...more })
const counters = async ({ skuNo }: Sku) => {
  const { duplicates, conflicts } = await given.inventory(skuNo)
  return [Number(duplicates), Number(conflicts)]
}

test("copies of decided keys do not move other batches to the locked path, in any batch and any number", async () => {
  const sku = await given.sku({ total_stock: 2_000 })
  await write(sku, requests(sku, 1))
  const first = requests(sku, 240)
  const [known] = first
  if (known === undefined) throw new Error("There is no request")
  // In the batch of the first record, in the next one, which is sent before the answer to the first, and in later deliveries.
  await write(sku, [...first, ...Array.from({ length: 200 }, () => copyOf(sku, known)), ...requests(sku, 60)])
  for (let delivery = 0; delivery < 5; delivery += 1) {
    await write(sku, [copyOf(sku, known), ...requests(sku, 20), copyOf(sku, known, { bodyHash: 2 })])
  }
  expect(attempts).toEqual({ declined: 1, written: 7, refused: 0 })
  expect(await counters(sku)).toEqual([205, 5])
  expect((await given.inventory(sku.skuNo)).reserved_count).toBe(401)
  await given.expectInvariants()
})

test("a copy of any recent decision is answered from memory, also when it is the first copy", async () => {
  const sku = await given.sku({ total_stock: 2_000 })
  const locked = requests(sku, 10)
  await write(sku, locked)
  const first = requests(sku, 50)
  await write(sku, first)
  for (const known of [...locked.slice(0, 3), ...first.slice(0, 3)]) {
    await write(sku, [copyOf(sku, known), ...requests(sku, 20)])
    await write(sku, [copyOf(sku, known, { bodyHash: 2 }), ...requests(sku, 20)])
  }
  expect(attempts).toEqual({ declined: 1, written: 13, refused: 0 })
  expect(await counters(sku)).toEqual([6, 6])
  await given.expectInvariants()
})

test("copies of decided keys show the present state of the reservation, at the position of the first record", async () => {
  const sku = await given.sku({ total_stock: 10 })
  await write(sku, requests(sku, 1))
  const records = requests(sku, 3)
  await write(sku, records)
  const [kept, cancelled, expired] = records
  if (!kept || !cancelled || !expired) throw new Error("There is no request")
  const placeOf = async ({ id }: { id: string }) => {
    const text = await given.redis.get(`r:${id}`)
    return text === null ? undefined : { status: text.split("|")[0], offset: Number(text.split("|")[7]) }
  }
  const offset = (await placeOf(kept))?.offset ?? 0
  await given.parts().applyCommand(sku.skuNo, { kind: "cancel", reservationId: cancelled.id, userId: cancelled.userId })
  await given.superuser.query("UPDATE reservations SET expires_at = clock_timestamp() WHERE id = $1", [expired.id])
  await given.parts().applyCommand(sku.skuNo, { kind: "expire" })
  const expected = [
    { status: "RESERVED", offset },
    { status: "CANCELLED", offset: offset + 1 },
    { status: "EXPIRED", offset: offset + 2 },
  ]
  expect(await Promise.all(records.map(placeOf))).toEqual(expected)
  for (const flushed of [false, true]) {
    if (flushed) await given.redis.flushdb()
    await write(sku, requests(sku, 1))
    await write(
      sku,
      records.map((record) => copyOf(sku, record)),
    )
    expect(await Promise.all(records.map(placeOf))).toEqual(expected)
  }
  await given.expectInvariants()
})

test("copies of records in a refused batch do not count as decided", async () => {
  const sku = await given.sku({ total_stock: 10 })
  await writeElsewhere(sku, requests(sku, 1))
  await write(sku, requests(sku, 1))
  await given.parts().applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: -8 })
  const lost = requests(sku, 2)
  // The first attempt fails because the stock differs from the writer's memory: none of its results is valid.
  await write(sku, [...lost, ...lost.map((record) => copyOf(sku, record))])
  expect(attempts).toEqual({ declined: 1, written: 0, refused: 1 })
  expect(await outcomesOf(lost)).toEqual([11, 11])
  expect(await counters(sku)).toEqual([2, 0])
  await given.expectInvariants()
})

test("copies that the writer does not remember cost one locked batch, and the next one is written optimistically again", async () => {
  const sku = await given.sku({ total_stock: 100 })
  const old = requests(sku, 3)
  await writeElsewhere(sku, old)
  await write(sku, requests(sku, 1))
  for (const known of old) {
    await write(sku, [copyOf(sku, known), ...requests(sku, 5)])
    await write(sku, [copyOf(sku, known), ...requests(sku, 5)])
  }
  expect(attempts).toEqual({ declined: 1, refused: 3, written: 3 })
  await given.expectInvariants()
})
