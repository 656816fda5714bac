import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { OffsetsDisagree } from "../../lambdas/batch-writer/batch.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

const outcomesOf = async (records: readonly { id: string }[]) => {
  const rows = await given.rows(records.map(({ id }) => id))
  return records.map(({ id }) => rows.get(id)?.outcome)
}
const write = (partition: number, records: Parameters<GivenDatabase["append"]>[1], parts = given.parts()) =>
  parts.writer.write(requestsTopic, partition, given.append(partition, records), longTimeLeftMs)

describe("a partition", () => {
  test("units are allocated in offset order, up to the stock", async () => {
    const sku = await given.sku({ total_stock: 3 })
    const records = Array.from({ length: 6 }, () => requestRecord(sku))
    expect(await write(sku.partition, records)).toEqual({ kind: "written" })
    expect(await outcomesOf(records)).toEqual([1, 1, 1, 11, 11, 11])
    await given.expectInvariants()
  })

  test("a delivery of 2,000 over several batches leaves one decision each and the watermark at its end", async () => {
    const sku = await given.sku({ total_stock: 700 })
    const records = Array.from({ length: 2_000 }, () => requestRecord(sku))
    await write(sku.partition, records)
    const inventory = await given.inventory(sku.skuNo)
    expect([inventory.reserved_count, Number(inventory.refused_sold_out)]).toEqual([700, 1_300])
    await given.expectInvariants()
  })

  test("a delivery that comes twice, also at the same time, is decided once", async () => {
    const sku = await given.sku({ total_stock: 100 })
    const records = Array.from({ length: 300 }, () => requestRecord(sku))
    const delivered = given.append(sku.partition, records)
    const writers = [given.parts().writer, given.parts().writer, given.parts().writer]
    const results = await Promise.all(
      writers.map((writer) => writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)),
    )
    expect(results).toEqual([{ kind: "written" }, { kind: "written" }, { kind: "written" }])
    expect(await writers[0]?.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
    const inventory = await given.inventory(sku.skuNo)
    expect([inventory.reserved_count, Number(inventory.decided_reserved), Number(inventory.duplicates)]).toEqual([100, 100, 0])
    await given.expectInvariants()
  })

  test("the same id again is the original decision; another body is counted as a conflict", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const first = requestRecord(sku)
    const again = requestRecord(sku, { id: first.id, userId: first.userId })
    const other = requestRecord(sku, { id: first.id, userId: first.userId, bodyHash: 2, quantity: 3 })
    await write(sku.partition, [first, again])
    await write(sku.partition, [other])
    const inventory = await given.inventory(sku.skuNo)
    expect([inventory.reserved_count, Number(inventory.duplicates), Number(inventory.conflicts)]).toEqual([1, 1, 1])
    await given.expectInvariants()
  })

  test("the same id in two partitions at once is decided by one of them", async () => {
    const [one, two] = [await given.sku({ total_stock: 5 }), await given.sku({ total_stock: 5 })]
    const records = Array.from({ length: 40 }, () => requestRecord(one))
    const twins = records.map(({ id, userId }) => requestRecord(two, { id, userId, bodyHash: 2 }))
    const results = await Promise.all([write(one.partition, records), write(two.partition, twins)])
    expect(results).toEqual([{ kind: "written" }, { kind: "written" }])
    expect((await given.rows(records.map(({ id }) => id))).size).toBe(40)
    await given.expectInvariants()
  })
})

describe("wrong offsets stop the partition", () => {
  test("a delivery above the watermark", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const delivered = given.append(sku.partition, [requestRecord(sku), requestRecord(sku)])
    const result = await given.parts().writer.write(requestsTopic, sku.partition, delivered.slice(1), longTimeLeftMs)
    expect(result).toMatchObject({ kind: "stopped", error: expect.any(OffsetsDisagree) })
    expect(await given.parts().writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
    await given.expectInvariants()
  })

  test("records below the watermark that were never decided, as in a new topic of the same name", async () => {
    const sku = await given.sku({ total_stock: 5 })
    await write(sku.partition, [requestRecord(sku), requestRecord(sku)])
    const request = requestRecord(sku)
    const strange = given.append(sku.partition, [request])
    const recreated = strange.map(({ offset }) => given.recordAt(sku.partition, offset - 2, request))
    const result = await given.parts().writer.write(requestsTopic, sku.partition, recreated, longTimeLeftMs)
    expect(result).toMatchObject({ kind: "stopped", error: expect.any(OffsetsDisagree) })
    await given.parts().writer.write(requestsTopic, sku.partition, strange, longTimeLeftMs)
    await given.expectInvariants()
  })

  test("a gap within a delivery, and a partition without a watermark", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const delivered = given.append(sku.partition, [requestRecord(sku), requestRecord(sku), requestRecord(sku)])
    const gap = delivered.filter((_, index) => index !== 1)
    const writer = given.parts().writer
    expect(await writer.write(requestsTopic, sku.partition, gap, longTimeLeftMs)).toMatchObject({
      kind: "stopped",
      error: expect.any(OffsetsDisagree),
    })
    expect(await writer.write("another-topic", 0, delivered, longTimeLeftMs)).toMatchObject({
      kind: "stopped",
      error: expect.any(OffsetsDisagree),
    })
    await writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)
    await given.expectInvariants()
  })
})

describe("bad records go to quarantine and delay no neighbour", () => {
  const cases: [string, string, (sku: { skuNo: number; skuId: string }) => { key: string; value: Buffer | null }][] = [
    ["a null value", "empty", ({ skuId }) => ({ key: skuId, value: null })],
    ["an empty value", "empty", ({ skuId }) => ({ key: skuId, value: Buffer.alloc(0) })],
    [
      "what cannot be decoded",
      "undecodable",
      ({ skuId }) => ({ key: skuId, value: Buffer.concat([Buffer.of(1), Buffer.from("not avro")]) }),
    ],
    ["a truncated record", "undecodable", (sku) => ({ key: sku.skuId, value: requestRecord(sku).value.subarray(0, 30) })],
    [
      "bytes after the record",
      "undecodable",
      (sku) => ({ key: sku.skuId, value: Buffer.concat([requestRecord(sku).value, Buffer.of(0)]) }),
    ],
    [
      "an unknown schema version",
      "unknown-version",
      (sku) => ({ key: sku.skuId, value: Buffer.concat([Buffer.of(9), requestRecord(sku).value.subarray(1)]) }),
    ],
    ["a key of another SKU", "key-mismatch", (sku) => ({ key: "another", value: requestRecord(sku).value })],
    ["a record near the size limit", "too-large", ({ skuId }) => ({ key: skuId, value: Buffer.alloc(900_000, 1) })],
    ["an unknown SKU", "unknown-sku", (sku) => ({ key: sku.skuId, value: requestRecord({ ...sku, skuNo: 999_999 }).value })],
    [
      "what PostgreSQL refuses",
      "refused-by-database-22003",
      (sku) => ({ key: sku.skuId, value: requestRecord(sku, { quantity: 40_000 }).value }),
    ],
  ]

  test.each(cases)("%s: %s", async (_, reason, poison) => {
    const sku = await given.sku({ total_stock: 50 })
    const neighbours = Array.from({ length: 6 }, () => requestRecord(sku))
    const delivered = [...neighbours.slice(0, 3), poison(sku), ...neighbours.slice(3)]
    expect(await write(sku.partition, delivered)).toEqual({ kind: "written" })
    expect(await outcomesOf(neighbours)).toEqual([1, 1, 1, 1, 1, 1])
    const { rows } = await given.superuser.query(
      'SELECT reason, octet_length(sha256) AS sha FROM quarantine WHERE topic = $1 AND partition = $2 ORDER BY "offset" DESC LIMIT 1',
      [requestsTopic, sku.partition],
    )
    expect(rows).toEqual([{ reason, sha: 32 }])
    await given.expectInvariants()
  })

  test.each([
    ["quantity 0", { quantity: 0 }, {}, 15],
    ["quantity below 0", { quantity: -3 }, {}, 15],
    ["a sale that is not open", {}, { status: "draft" as const }, 13],
    ["a closed sale", {}, { status: "closed" as const }, 14],
    ["more than the user's limit", { quantity: 2 }, {}, 12],
    ["a timestamp from the future changes no decision", { acceptedAtMs: Date.now() + 3_600_000 }, {}, 1],
  ])("%s is decided, not quarantined", async (_, request, definition, outcome) => {
    const sku = await given.sku({ total_stock: 5, ...definition })
    const record = requestRecord(sku, request)
    await write(sku.partition, [record])
    expect(await outcomesOf([record])).toEqual([outcome])
    await given.expectInvariants()
  })
})

describe("the waitlist", () => {
  test("a released unit goes to the earliest entry that fits, before any newer record, also beyond the limit of one transaction", async () => {
    const sku = await given.sku({ total_stock: 1_200, waitlist_limit: 3_000 })
    const holders = Array.from({ length: 1_200 }, () => requestRecord(sku))
    const waiters = Array.from({ length: 1_300 }, () => requestRecord(sku, { joinWaitlist: true }))
    await write(sku.partition, [...holders, ...waiters])
    await given.endHolds(sku.skuNo)
    const newcomer = requestRecord(sku)
    await write(sku.partition, [newcomer])
    expect(await outcomesOf([newcomer])).toEqual([11])
    await given.parts().applyCommand(sku.skuNo, { kind: "expire" })
    const rows = await given.rows(waiters.map(({ id }) => id))
    expect(waiters.map(({ id }) => rows.get(id)?.state)).toEqual([...Array(1_200).fill(1), ...Array(100).fill(2)])
    await given.expectInvariants()
  })

  test("a recall that is refused still gives expired units to the waitlist", async () => {
    const sku = await given.sku({ total_stock: 2, waitlist_limit: 1, per_user_limit: 2 })
    const [holder, waiter] = [requestRecord(sku), requestRecord(sku, { quantity: 2, joinWaitlist: true })]
    await write(sku.partition, [holder, waiter])
    await given.endHolds(sku.skuNo)
    expect(await given.parts().applyCommand(sku.skuNo, { kind: "restock", quantity: -3, skuNo: sku.skuNo })).toMatchObject({
      refused: "below-committed",
    })
    expect((await given.rows([waiter.id])).get(waiter.id)?.state).toBe(1)
    await given.expectInvariants()
  })

  test("at the close every waitlist entry lapses, also beyond the limit of one transaction", async () => {
    const sku = await given.sku({ total_stock: 0, waitlist_limit: 3_000 })
    await write(
      sku.partition,
      Array.from({ length: 1_100 }, () => requestRecord(sku, { joinWaitlist: true })),
    )
    await given.parts().applyCommand(sku.skuNo, { kind: "close", skuNo: sku.skuNo })
    expect((await given.inventory(sku.skuNo)).waitlisted).toBe(0)
    await given.expectInvariants()
  })
})
