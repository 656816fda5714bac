import { randomUUID } from "node:crypto"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { transitionStatements } from "../../core/adapters/postgres/statements.ts"
import type { TransactorOptions } from "../../core/adapters/postgres/transaction.ts"
import type { CreateSkuBody } from "../../core/contracts/http/admin.ts"
import type { ReservationRequest } from "../../core/domain/reservation.ts"
import { verifySale } from "../../core/workflows/administration/verify-sale.ts"
import { createDirectDecisions, type DirectResult } from "../../core/workflows/allocation/direct-decisions.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())

/** A SKU in direct mode, with the real direct decisions or with a planted fault. */
async function directSale(
  definition: Partial<CreateSkuBody> & { total_stock: number },
  planted: Omit<TransactorOptions, "pool"> = {},
) {
  const sku = await given.sku(definition)
  const { skuNo } = sku
  const parts = given.parts(planted)
  await given.parts().applyCommand(skuNo, { kind: "switch", skuNo, mode: "direct" })
  const { epoch } = (await given.inventory(skuNo)) as { epoch: number }
  const decide = createDirectDecisions({ pool: given.transition, projection: given.projection, transact: parts.transact })
  const request = (more: Partial<ReservationRequest> = {}): ReservationRequest => ({
    id: randomUUID(),
    userId: randomUUID(),
    skuNo,
    quantity: 1,
    joinWaitlist: false,
    bodyHash: 1,
    ...more,
  })
  return {
    ...sku,
    epoch,
    decide,
    request,
    applyCommand: parts.applyCommand,
    /** The status of a request decided directly, with the reason of a refusal. */
    async status(asked: ReservationRequest) {
      const result = await decide(asked, epoch)
      return result.kind === "decided" ? (result.view.reason ?? result.view.status) : result.kind
    },
  }
}

const seenIn = (result: DirectResult) => (result.kind === "decided" ? result.view : expect.unreachable("it was not decided"))

const writeQueued = (sku: { skuNo: number; skuId: string; partition: number }, records: ReturnType<typeof requestRecord>[]) =>
  given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)

describe("a direct decision", () => {
  test("keeps every rule of the sale: stock, the user's limit, the waitlist and its bound, validity", async () => {
    const sale = await directSale({ total_stock: 2, per_user_limit: 2, waitlist_limit: 1 })
    const alice = randomUUID()
    const bob = randomUUID()
    expect(await sale.status(sale.request({ userId: alice }))).toBe("RESERVED")
    expect(await sale.status(sale.request({ userId: alice, quantity: 2 }))).toBe("user-limit-reached")
    expect(await sale.status(sale.request({ quantity: 0 }))).toBe("invalid")
    expect(await sale.status(sale.request({ quantity: 2 }))).toBe("sold-out")
    expect(await sale.status(sale.request({ userId: alice }))).toBe("RESERVED")
    expect(await sale.status(sale.request({ userId: bob, joinWaitlist: true }))).toBe("WAITLISTED")
    expect(await sale.status(sale.request({ joinWaitlist: true }))).toBe("sold-out")
    expect(await given.inventory(sale.skuNo)).toMatchObject({ reserved_count: 2, waitlisted: 1, decided_reserved: "2" })
    await given.expectInvariants()
  })

  test("is made once: a repeated request gets the same decision in every mode, and another body is a conflict", async () => {
    const sale = await directSale({ total_stock: 1 })
    const asked = sale.request()
    const first = await sale.decide(asked, sale.epoch)
    const { remainingMs: _, ...decision } = seenIn(first)
    expect(seenIn(await sale.decide(asked, sale.epoch))).toMatchObject(decision)
    const { skuNo } = sale
    await sale.applyCommand(skuNo, { kind: "switch", skuNo, mode: "batch" })
    expect(await sale.decide(asked, sale.epoch)).toMatchObject({ kind: "decided", view: { id: asked.id, status: "RESERVED" } })
    expect(await sale.decide({ ...asked, bodyHash: 2 }, sale.epoch)).toMatchObject({ kind: "decided", view: { bodyHash: 1 } })
    await given.expectInvariants()
  })

  test("is one decision, even when two processes decide one request at once", async () => {
    const sale = await directSale({ total_stock: 10, per_user_limit: 10 })
    const asked = sale.request()
    const seen = await Promise.all(Array.from({ length: 8 }, () => sale.status(asked)))
    expect(new Set(seen)).toEqual(new Set(["RESERVED"]))
    expect((await given.inventory(sale.skuNo)).reserved_count).toBe(1)
    await given.expectInvariants()
  })

  test("gives the unit of an expired hold to the waitlist, not to the new request", async () => {
    const sale = await directSale({ total_stock: 1, waitlist_limit: 1 })
    await sale.status(sale.request())
    const waiter = sale.request({ joinWaitlist: true })
    expect(await sale.status(waiter)).toBe("WAITLISTED")
    await given.endHolds(sale.skuNo)
    expect(await sale.status(sale.request())).toBe("sold-out")
    expect(await sale.status(waiter)).toBe("RESERVED")
    await given.expectInvariants()
  })

  test("serves the whole waitlist first, even in several transactions; a process with an old mode serves nobody", async () => {
    const many = 520
    const sale = await directSale({ total_stock: many, waitlist_limit: many })
    const records = (joinWaitlist: boolean) => Array.from({ length: many }, () => requestRecord(sale, { joinWaitlist }))
    await writeQueued(sale, records(false))
    const waiters = records(true)
    await writeQueued(sale, waiters)
    await given.endHolds(sale.skuNo)
    const before = await given.inventory(sale.skuNo)
    expect(await sale.decide(sale.request(), sale.epoch - 1)).toMatchObject({ kind: "switched" })
    expect(await given.inventory(sale.skuNo)).toEqual(before)
    expect(await sale.status(sale.request())).toBe("sold-out")
    const states = [...(await given.rows(waiters.map(({ id }) => id))).values()].map(({ state }) => state)
    expect(states).toEqual(Array(many).fill(1))
    await given.expectInvariants()
  })

  test("is found by its id when the answer to its COMMIT was lost", async () => {
    let lost = 0
    const reach: TransactorOptions["reach"] = (point) => {
      if (point === "committed" && lost++ === 0) throw new Error("Connection terminated unexpectedly")
    }
    const sale = await directSale({ total_stock: 5, per_user_limit: 5 }, { reach })
    expect(await sale.status(sale.request())).toBe("RESERVED")
    expect(lost).toBe(2)
    expect((await given.inventory(sale.skuNo)).reserved_count).toBe(1)
    await given.expectInvariants()
  })

  test("is outcome-unknown if the commit is uncertain; if it certainly was not made, the error is the outage itself", async () => {
    const gone: TransactorOptions["reach"] = (point) => {
      if (point === "committed") throw new Error("Connection terminated unexpectedly")
    }
    const unknown = await directSale({ total_stock: 1 }, { reach: gone })
    await expect(unknown.decide(unknown.request(), unknown.epoch)).rejects.toMatchObject({ name: "OutcomeUnknown" })
    const unreachable = createDirectDecisions({
      pool: given.transition,
      projection: given.projection,
      transact: () => Promise.reject(Object.assign(new Error("refused"), { code: "ECONNREFUSED" })),
    })
    await expect(unreachable(unknown.request(), unknown.epoch)).rejects.toThrow("refused")
    await given.expectInvariants()
  })
})

describe("a process with an old mode", () => {
  test.each<["batch" | "halted"]>([["batch"], ["halted"]])("commits nothing once the sale is %s", async (mode) => {
    const sale = await directSale({ total_stock: 5, per_user_limit: 5 })
    const { skuNo } = sale
    await sale.status(sale.request())
    await sale.applyCommand(skuNo, mode === "batch" ? { kind: "switch", skuNo, mode } : { kind: "halt", skuNo })
    // Not even overdue holds: the whole transaction is refused.
    await given.endHolds(skuNo)
    const before = await given.inventory(skuNo)
    expect(await sale.decide(sale.request(), sale.epoch)).toMatchObject({ kind: "switched", sale: { mode } })
    expect(await given.inventory(skuNo)).toEqual(before)
    await sale.applyCommand(skuNo, { kind: "expire" })
    await given.expectInvariants()
  })

  test("commits nothing when the sale is in its mode again, but in another epoch; with the new epoch it commits", async () => {
    const sale = await directSale({ total_stock: 5 })
    const { skuNo, epoch } = sale
    await sale.applyCommand(skuNo, { kind: "switch", skuNo, mode: "batch" })
    await sale.applyCommand(skuNo, { kind: "switch", skuNo, mode: "direct" })
    const before = await given.inventory(skuNo)
    const asked = sale.request()
    const result = await sale.decide(asked, epoch)
    expect(result).toMatchObject({ kind: "switched", sale: { mode: "direct", epoch: epoch + 2 } })
    expect(await given.inventory(skuNo)).toEqual(before)
    expect(await sale.decide(asked, epoch + 2)).toMatchObject({ kind: "decided", view: { status: "RESERVED" } })
    await given.expectInvariants()
  })
})

test("a direct decision without the comparison of epochs would commit for a process with an old epoch", async () => {
  const faulty = transitionStatements.writeDirect.replace(
    "$epoch::int",
    "(SELECT epoch + 0 * $epoch::int FROM inventory WHERE sku_no = $sku_no::int)",
  )
  const sale = await directSale({ total_stock: 5 }, { statements: { ...transitionStatements, writeDirect: faulty } })
  expect(await sale.decide(sale.request(), sale.epoch - 1)).toMatchObject({ kind: "decided" })
  await given.expectInvariants()
})

test("requests that were queued when direct mode was forced are decided later, once, from the remaining stock", async () => {
  const sale = await directSale({ total_stock: 3 })
  const queued = Array.from({ length: 4 }, () => requestRecord(sale))
  const repeated = queued[3] as (typeof queued)[number]
  expect(await sale.status(sale.request())).toBe("RESERVED")
  expect(await sale.status(sale.request({ id: repeated.id, userId: repeated.userId }))).toBe("RESERVED")
  expect(await writeQueued(sale, queued)).toEqual({ kind: "written" })
  const rows = await given.rows(queued.map(({ id }) => id))
  expect(queued.map(({ id }) => rows.get(id)?.outcome)).toEqual([1, 11, 11, 1])
  expect(await given.inventory(sale.skuNo)).toMatchObject({ duplicates: "1", reserved_count: 3 })
  await given.expectInvariants()
})

test("the optimistic writer and direct decisions in any order keep every invariant", async () => {
  const shape = fc.array(
    fc.record({
      direct: fc.boolean(),
      users: fc.array(fc.nat(7), { minLength: 1, maxLength: 6 }),
      joinWaitlist: fc.boolean(),
    }),
    { minLength: 4, maxLength: 14 },
  )
  await fc.assert(
    fc.asyncProperty(shape, async (steps) => {
      const sale = await directSale({ total_stock: 6, per_user_limit: 2, waitlist_limit: 3 })
      const people = Array.from({ length: 8 }, () => randomUUID())
      const { writer } = given.parts()
      for (const { direct, users, joinWaitlist } of steps) {
        const userIds = users.map((user) => people[user] ?? "")
        if (direct) await Promise.all(userIds.map((userId) => sale.status(sale.request({ userId, joinWaitlist }))))
        else {
          const records = userIds.map((userId) => requestRecord(sale, { userId, joinWaitlist }))
          const delivered = given.append(sale.partition, records)
          expect(await writer.write(requestsTopic, sale.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
        }
      }
      await given.expectInvariants()
    }),
    { numRuns: 12 },
  )
  expect(await verifySale(given.reader)).toMatchObject({ ok: true, violations: [] })
})
