import { randomUUID } from "node:crypto"
import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { setOperatorSettings } from "../../core/adapters/postgres/operator-settings.ts"
import { createOptimisticWriter } from "../../core/adapters/postgres/optimistic-writer.ts"
import type { decide } from "../../core/domain/decide.ts"
import { orderIdOf } from "../../core/domain/ids.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import { createWriter } from "../../lambdas/batch-writer/workflow.ts"
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

type Sku = GivenSku

let { writer, attempts } = {} as GivenOptimisticWriter
beforeEach(() => {
  ;({ writer, attempts } = givenOptimisticWriter(given))
})

/** Lets another process write that had the partition before. */
const writeElsewhere = async ({ partition }: Sku, records: Requests) =>
  expect(
    await givenOptimisticWriter(given).writer.write(requestsTopic, partition, given.append(partition, records), longTimeLeftMs),
  ).toEqual({
    kind: "written",
  })
const write = async ({ partition }: Sku, records: Requests) =>
  expect(await writer.write(requestsTopic, partition, given.append(partition, records), longTimeLeftMs)).toEqual({
    kind: "written",
  })
const outcomesOf = async (records: readonly { id: string }[]) => {
  const rows = await given.rows(records.map(({ id }) => id))
  return records.map(({ id }) => rows.get(id)?.outcome)
}
const applyCommand = (...[skuNo, command]: Parameters<ApplyCommand>) => given.parts().applyCommand(skuNo, command)

test("a delivery loads once and is then written optimistically, two batches at a time, with every decision in its position", async () => {
  const sku = await given.sku({ total_stock: 600 })
  await write(sku, requests(sku, 1))
  const records = requests(sku, 990)
  await write(sku, records)
  expect(attempts).toEqual({ declined: 1, written: 4, refused: 0 })
  const outcomes = await outcomesOf(records)
  expect(outcomes.slice(0, 599).every((outcome) => outcome === 1)).toBe(true)
  expect(outcomes.slice(599).every((outcome) => outcome === 11)).toBe(true)
  await given.expectInvariants()
})

test("the size of a batch that operators choose counts from the answer after it on, and the default is back the same way", async () => {
  const sku = await given.sku({ total_stock: 5_000 })
  const choose = (records: string) => setOperatorSettings(given.transition, ["batch-size"], records, "the test")
  const batchesAfter = async (count: number) => {
    const { seq } = await given.inventory(sku.skuNo)
    await write(sku, requests(sku, count))
    const { rows } = await given.superuser.query<{ records: number }>(
      "SELECT (last_offset - first_offset + 1)::int AS records FROM ledger WHERE sku_no = $1 AND seq > $2 ORDER BY seq",
      [sku.skuNo, seq],
    )
    return rows.map(({ records }) => records)
  }
  expect(await batchesAfter(1)).toEqual([1])
  await choose("100")
  // The answer to this batch brings the size.
  expect(await batchesAfter(1)).toEqual([1])
  expect(await batchesAfter(990)).toEqual([400, 400, 100, 90])
  // Another process learns it from its first batch, on the path with locks.
  const { writer: restarted } = givenOptimisticWriter(given)
  writer = restarted
  expect(await batchesAfter(400)).toEqual([250, 100, 50])
  await choose("default")
  expect(await batchesAfter(200)).toEqual([100, 100])
  expect(await batchesAfter(200)).toEqual([200])
  await given.expectInvariants()
})

describe("a change that the writer could not know is found under the locks, and decided as if it had been loaded", () => {
  const cases: readonly {
    readonly what: string
    readonly sku: Parameters<GivenDatabase["sku"]>[0]
    /** Another writer had the partition before. */
    readonly afterAnother?: true
    /** Happens before the optimistic batch of the records that it returns. */
    readonly behind: (
      sku: Sku,
    ) => Promise<{ readonly records: Requests & readonly { id: string }[]; readonly outcomes: readonly number[] }>
  }[] = [
    {
      what: "units came back: a restock",
      sku: { total_stock: 1 },
      async behind(sku) {
        await applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 1 })
        return { records: requests(sku, 2), outcomes: [1, 11] }
      },
    },
    {
      what: "a hold ran out",
      sku: { total_stock: 1 },
      async behind(sku) {
        await given.endHolds(sku.skuNo)
        return { records: requests(sku, 2), outcomes: [1, 11] }
      },
    },
    {
      what: "the sale was closed",
      sku: { total_stock: 5 },
      async behind(sku) {
        await applyCommand(sku.skuNo, { kind: "close", skuNo: sku.skuNo })
        return { records: requests(sku, 1), outcomes: [14] }
      },
    },
    {
      what: "a user who holds a unit asks again when none is left: the limit speaks, not the stock",
      sku: { total_stock: 1 },
      async behind(sku) {
        const { rows } = await given.superuser.query("SELECT user_id FROM user_holdings WHERE sku_no = $1", [sku.skuNo])
        return { records: requests(sku, 1, { userId: rows[0].user_id }), outcomes: [12] }
      },
    },
    {
      what: "a user who holds a unit asks for another while there are some",
      sku: { total_stock: 5, per_user_limit: 2 },
      async behind(sku) {
        const { rows } = await given.superuser.query("SELECT user_id FROM user_holdings WHERE sku_no = $1", [sku.skuNo])
        return { records: requests(sku, 2, { userId: rows[0].user_id }), outcomes: [1, 12] }
      },
    },
    {
      what: "an id was decided by another writer",
      sku: { total_stock: 5 },
      afterAnother: true,
      async behind(sku) {
        const { rows } = await given.superuser.query(
          "SELECT id, user_id FROM reservations WHERE sku_no = $1 ORDER BY seq LIMIT 1",
          [sku.skuNo],
        )
        return {
          records: [requestRecord(sku, { id: rows[0].id, userId: rows[0].user_id }), ...requests(sku, 1)],
          outcomes: [1, 1],
        }
      },
    },
  ]

  test.each(cases)("$what", async ({ sku: definition, behind, afterAnother }) => {
    const sku = await given.sku(definition)
    if (afterAnother) await writeElsewhere(sku, requests(sku, 1))
    await write(sku, requests(sku, 1))
    const { records, outcomes } = await behind(sku)
    await write(sku, records)
    expect(attempts).toEqual({ declined: 1, written: 0, refused: 1 })
    expect(await outcomesOf(records)).toEqual(outcomes)
    await given.expectInvariants()
  })

  test("the sale closes by itself in the meantime", async () => {
    const sku = await given.sku({ total_stock: 5 })
    const { transact } = given.parts()
    const committed = await transact({ skuNos: [sku.skuNo], ids: [], holders: [] }, () => ({ command: { kind: "expire" } }))
    const { loaded } = committed
    const { rows } = await given.superuser.query("SELECT next_offset FROM partition_progress WHERE partition = $1", [
      sku.partition,
    ])
    const next = Number(rows[0].next_offset)
    /** An attempt with the state of a time just before `closesAt`, which has passed by PostgreSQL's clock. */
    const rememberedWith = (closesAt: number) => {
      const sales = [...loaded.state.skus].map(([skuNo, sale]) => [skuNo, { ...sale, closesAt }] as const)
      const writer = createOptimisticWriter({ pool: given.transition })
      writer.remember({
        ...committed,
        loaded: { ...loaded, now: loaded.now - 2, state: { ...loaded.state, skus: new Map(sales) } },
      })
      const watermark = { topic: requestsTopic, partition: sku.partition, expected: next }
      return writer.attempt({ skuNos: [sku.skuNo], watermark }, () => ({
        command: { kind: "allocate", requests: [] },
        nextOffset: watermark.expected,
      }))
    }
    await expect(rememberedWith(loaded.now - 1)).rejects.toMatchObject({ code: "FS003" })
    await expect(rememberedWith(loaded.now + 3_600_000_000)).resolves.toBeDefined()
  })
})

test("a payment moves the ledger and does not stop the optimistic path", async () => {
  const sku = await given.sku({ total_stock: 3 })
  const [paid] = requests(sku, 1)
  if (paid === undefined) throw new Error("There is no request")
  await write(sku, [paid])
  const attempt = randomUUID()
  await given.superuser.query(
    `INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency, status)
     VALUES ($1, $2, $3, $4, 1, 500, 'EUR', 'AUTHORISED')`,
    [attempt, paid.id, paid.userId, sku.skuNo],
  )
  const { rows } = await given.superuser.query("SELECT outcome FROM confirm_reservation($1, $2, $3, $4)", [
    ...[paid.id, paid.userId, attempt],
    orderIdOf(paid.id),
  ])
  expect(rows).toEqual([{ outcome: "confirmed" }])
  const records = requests(sku, 3)
  await write(sku, records)
  expect(attempts).toEqual({ declined: 1, written: 1, refused: 0 })
  expect(await outcomesOf(records)).toEqual([1, 1, 11])
  const { seq, reserved_count, sold_count } = await given.inventory(sku.skuNo)
  expect(await given.redis.hmget(`sale:${sku.skuNo}`, "seq", "reserved", "sold")).toEqual(
    [seq, reserved_count, sold_count].map(String),
  )
  await given.expectInvariants()
})

test("a batch sent after one that the server refuses is refused with it, and both are decided in their order", async () => {
  const sku = await given.sku({ total_stock: 401 })
  const [known] = requests(sku, 1)
  if (known === undefined) throw new Error("There is no request")
  await writeElsewhere(sku, [known])
  await write(sku, requests(sku, 1))
  const again = requestRecord(sku, { id: known.id, userId: known.userId })
  const first = [again, ...requests(sku, 249)]
  const second = requests(sku, 250)
  await write(sku, [...first, ...second])
  expect(attempts).toMatchObject({ written: 1, refused: 2 })
  expect((await outcomesOf([...first, ...second])).filter((outcome) => outcome === 1)).toHaveLength(400)
  expect(await outcomesOf(second.slice(150))).toEqual(Array.from({ length: 100 }, () => 11))
  await given.expectInvariants()
})

test("a batch that cannot be decided optimistically takes the locked path, instead of stopping the partition", async () => {
  const sku = await given.sku({ total_stock: 5 })
  await write(sku, requests(sku, 1))
  const { transact } = given.parts()
  const failing: typeof decide = () => {
    throw new Error("a fault of the program")
  }
  const broken = createWriter({
    ...{ pool: given.transition, projection: given.projection, transact },
    optimisticWriter: () => createOptimisticWriter({ pool: given.transition, decide: failing }),
  })
  const records = requests(sku, 2)
  for (const record of records) {
    const delivered = given.append(sku.partition, [record])
    expect(await broken.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
  }
  expect(await outcomesOf(records)).toEqual([1, 1])
})

test("after a refusal the writer takes the locked path for some batches, and then the optimistic path again", async () => {
  const sku = await given.sku({ total_stock: 100 })
  await write(sku, requests(sku, 1))
  await applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 1 })
  for (let batch = 0; batch < 8; batch += 1) await write(sku, requests(sku, 1))
  expect(attempts).toEqual({ declined: 5, refused: 1, written: 3 })
})

describe("both paths decide the same", () => {
  const user = fc.nat(60)
  const asked = fc.record({
    id: fc.nat(200),
    user,
    sku: fc.nat(1),
    quantity: fc.integer({ min: 0, max: 3 }),
    joinWaitlist: fc.boolean(),
  })
  const step = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({ kind: fc.constant("batch" as const), asked: fc.array(asked, { minLength: 1, maxLength: 8 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("end-holds" as const), sku: fc.nat(1) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("restock" as const), sku: fc.nat(1), quantity: fc.integer({ min: -2, max: 4 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const), sku: fc.nat(1) }) },
  )
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

  /** Runs the steps on two SKUs of one partition; returns the outcome and state of every reservation, by its number. */
  async function history(steps: readonly Step[], path: "locked" | "optimistic") {
    const safe = given.parts()
    const { writer: fast, attempts: made } = givenOptimisticWriter(given)
    const plain = createWriter({
      pool: given.transition,
      projection: given.projection,
      transact: safe.transact,
      optimisticWriter: undefined,
    })
    const definition = { total_stock: 20, per_user_limit: 3, waitlist_limit: 3 }
    const skus = [await given.sku(definition), await given.sku(definition)] as const
    const { partition } = skus[0]
    await given.superuser.query("UPDATE inventory SET partition = $1 WHERE sku_no = $2", [partition, skus[1].skuNo])
    const users = Array.from({ length: 61 }, () => randomUUID())
    const ids = Array.from({ length: 201 }, () => randomUUID())
    for (const step of steps) {
      if (step.kind === "batch") {
        const records = step.asked.map(({ id, user: asking, sku, quantity, joinWaitlist }) =>
          requestRecord(skus[sku] ?? skus[0], {
            id: ids[id] ?? "",
            userId: users[asking] ?? "",
            quantity,
            joinWaitlist,
            bodyHash: asking * 100 + sku * 10 + quantity,
          }),
        )
        const delivered = given.append(partition, records)
        await (path === "optimistic" ? fast : plain).write(requestsTopic, partition, delivered, longTimeLeftMs)
        continue
      }
      const { skuNo } = skus[step.sku] ?? skus[0]
      if (step.kind === "end-holds") await given.endHolds(skuNo)
      else if (step.kind === "restock") await safe.applyCommand(skuNo, { kind: "restock", skuNo, quantity: step.quantity })
      else await safe.applyCommand(skuNo, { kind: "close", skuNo })
    }
    const rows = await given.rows(ids)
    for (const { skuNo } of skus) await safe.applyCommand(skuNo, { kind: "expire" })
    return { made, decided: ids.map((id) => [rows.get(id)?.outcome, rows.get(id)?.state]) }
  }

  test("with any commands in between, the optimistic path decides exactly as the locked path does", async () => {
    let written = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 16 }), async (steps) => {
        const [optimistic, locked] = [await history(steps, "optimistic"), await history(steps, "locked")]
        expect(optimistic.decided).toEqual(locked.decided)
        written += optimistic.made.written
      }),
      { numRuns: 60 },
    )
    expect(written).toBeGreaterThan(20)
    await given.expectInvariants()
  }, 180_000)
})
