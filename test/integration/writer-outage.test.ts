import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { createTransactor, type Transact } from "../../core/adapters/postgres/transaction.ts"
import type { ReservationRecord } from "../../core/contracts/reservation-record.ts"
import { decide } from "../../core/domain/decide.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { createWriter } from "../../lambdas/batch-writer/workflow.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import {
  changingOutage,
  changingOutageNeeds,
  endOutage,
  failingCheck,
  failingConnections,
  failingConnectionsNeed,
  outages,
  startOutage,
} from "../sale/outages.ts"
import { requestRecord } from "../sale/records.ts"
import { until } from "../sale/running-sale.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

/**
 * Records of a test, and failures until the outage ends. A writer that blames records would bisect two records and quarantine one
 * of them before the third failure.
 */
const recordsInOutage = 2
const triesThatMeetIt = 3

/** The real writer, and how many of its transactions failed. */
function countingWriter(transact: Transact = given.parts().transact) {
  let failures = 0
  const counting: Transact = (...asked) =>
    transact(...asked).catch((error: unknown) => {
      failures += 1
      throw error
    })
  const writer = createWriter({
    pool: given.transition,
    projection: given.projection,
    transact: counting,
    optimisticWriter: undefined,
  })
  return { writer, hasFailed: (times: number) => until(() => failures >= times) }
}

const requests = (sku: Parameters<typeof requestRecord>[0], count: number) =>
  Array.from({ length: count }, () => requestRecord(sku))

async function expectAllReserved(records: readonly { id: string }[]): Promise<void> {
  const rows = await given.rows(records.map(({ id }) => id))
  expect(records.map(({ id }) => rows.get(id)?.outcome)).toEqual(records.map(() => 1))
  expect((await given.superuser.query("SELECT reason FROM quarantine")).rows).toEqual([])
  await given.expectInvariants()
}

describe("the writer waits until an outage ends: then every record is decided and none is in quarantine", () => {
  test.each(outages)("$name", async (outage) => {
    const sku = await given.sku({ total_stock: 5 })
    const records = requests(sku, recordsInOutage)
    const delivered = given.append(sku.partition, records)
    await startOutage(given.superuser, outage)
    const { writer, hasFailed } = countingWriter()
    const writing = writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)
    try {
      await hasFailed(triesThatMeetIt)
      expect((await given.superuser.query("SELECT FROM quarantine")).rowCount).toBe(0)
    } finally {
      await endOutage(given.superuser, outage)
    }
    expect(await writing).toEqual({ kind: "written" })
    await expectAllReserved(records)
  })

  test("a bug: decide throws, and the record does not go to quarantine", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const record = requestRecord(sku)
    let faults = triesThatMeetIt
    const faulty: typeof decide = (...asked) => {
      if (faults-- > 0) throw new TypeError("Cannot read properties of undefined")
      return decide(...asked)
    }
    const { writer } = countingWriter(given.parts({ decide: faulty }).transact)
    const delivered = given.append(sku.partition, [record])
    expect(await writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
    await expectAllReserved([record])
  })

  test("a name that does not resolve", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const record = requestRecord(sku)
    const url = new URL(process.env.DATABASE_URL ?? "")
    url.hostname = "postgres.invalid"
    const right = process.env.DATABASE_URL
    process.env.DATABASE_URL = url.href
    const lost = await postgresPool({ role: "transition", size: 1, pipeline: true })
    process.env.DATABASE_URL = right
    onTestFinished(() => lost.end())
    const [astray, home] = [createTransactor({ pool: lost }), given.parts().transact]
    let isFound = false
    const { writer, hasFailed } = countingWriter((...asked) => (isFound ? home : astray)(...asked))
    const writing = writer.write(requestsTopic, sku.partition, given.append(sku.partition, [record]), longTimeLeftMs)
    await hasFailed(triesThatMeetIt)
    isFound = true
    expect(await writing).toEqual({ kind: "written" })
    await expectAllReserved([record])
  })
})

describe("one failure alone does not quarantine a record", () => {
  test("a second try that fails differently, or not at all", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const record = requestRecord(sku)
    await given.superuser.query(changingOutageNeeds)
    await startOutage(given.superuser, changingOutage)
    onTestFinished(() => endOutage(given.superuser, changingOutage))
    const delivered = given.append(sku.partition, [record])
    expect(await countingWriter().writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({
      kind: "written",
    })
    await expectAllReserved([record])
  })

  test("old connections that fail, while a new one does not", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const record = requestRecord(sku)
    const open = await Promise.all(Array.from({ length: 4 }, () => given.transition.connect()))
    for (const client of open) client.release()
    await given.superuser.query(failingConnectionsNeed)
    await startOutage(given.superuser, failingConnections)
    onTestFinished(() => endOutage(given.superuser, failingConnections))
    const delivered = given.append(sku.partition, [record])
    expect(await given.parts().writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
    await expectAllReserved([record])
  })
})

test("after an outage longer than the invocation, the redelivery starts at the first record", async () => {
  const sku = await given.sku({ total_stock: 5 })
  const record = requestRecord(sku)
  const delivered = given.append(sku.partition, [record])
  await startOutage(given.superuser, failingCheck)
  const { writer } = countingWriter()
  const stopped = await writer.write(requestsTopic, sku.partition, delivered, () => 300)
  await endOutage(given.superuser, failingCheck)
  expect(stopped).toMatchObject({ kind: "stopped", firstUnprocessed: delivered[0]?.offset, error: { code: "23514" } })
  expect(await writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
  await expectAllReserved([record])
})

test("no value of a record stops its partition: the record is decided, or only it goes to quarantine", async () => {
  const sku = await given.sku({ total_stock: 50 })
  const [least, most] = [-(2 ** 31), 2 ** 31 - 1]
  type Strange = Partial<ReservationRecord> & { readonly reason?: string }
  const strange = [
    ...[least, -32_769, 32_768, most].map((quantity) => ({ quantity, reason: "refused-by-database-22003" })),
    ...[-32_768, 32_767].map((quantity) => ({ quantity })),
    ...[least, -1, 0, most].map((skuNo) => ({ skuNo, reason: "unknown-sku" })),
    ...[least, most].map((bodyHash) => ({ bodyHash })),
    ...[0, -1, Number.MAX_SAFE_INTEGER - 1, Number.MIN_SAFE_INTEGER + 1].map((acceptedAtMs) => ({ acceptedAtMs })),
    { id: "00000000-0000-0000-0000-000000000000", userId: "ffffffff-ffff-ffff-ffff-ffffffffffff" },
  ].map((values: Strange) => ({
    reason: values.reason,
    record: { ...requestRecord({ ...sku, ...values }, values), key: sku.skuId },
  }))
  const neighbours = requests(sku, 3)
  const delivered = given.append(sku.partition, [...strange.map(({ record }) => record), ...neighbours])
  expect(await given.parts().writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
  const first = delivered[0]?.offset ?? 0
  const { rows } = await given.superuser.query(
    'SELECT "offset"::int AS offset, reason FROM quarantine WHERE partition = $1 AND "offset" >= $2 ORDER BY "offset"',
    [sku.partition, first],
  )
  expect(rows).toEqual(strange.flatMap(({ reason }, index) => (reason ? [{ offset: first + index, reason }] : [])))
  const decided = [...strange.filter(({ reason }) => !reason).map(({ record }) => record), ...neighbours]
  expect((await given.rows(decided.map(({ id }) => id))).size).toBe(decided.length)
  await given.expectInvariants()
})
