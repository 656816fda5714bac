import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { migrations } from "../../core/adapters/postgres/migrations.ts"
import { transitionStatements } from "../../core/adapters/postgres/statements.ts"
import type { TransactorOptions } from "../../core/adapters/postgres/transaction.ts"
import { bodyHashOf, orderIdOf } from "../../core/domain/ids.ts"
import { outcomeCodes } from "../../core/domain/reservation.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { createDirectDecisions } from "../../core/workflows/allocation/direct-decisions.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
let checkout: Pool
beforeAll(async () => {
  given = await givenDatabase()
  checkout = await postgresPool({ role: "checkout", size: 1 })
})
afterAll(async () => {
  await checkout.end()
  await given.close()
})

type Sku = Awaited<ReturnType<GivenDatabase["sku"]>>
type Planted = Omit<TransactorOptions, "pool">

/** A shopper who asks for units of a SKU, one request after the other. */
function shopper(sku: Sku, planted: Planted = {}) {
  const userId = randomUUID()
  const { writer, applyCommand } = given.parts(planted)
  const records: ReturnType<typeof requestRecord>[] = []
  return {
    userId,
    last: () => records.at(-1)?.id ?? "",
    /** @returns the outcomes of requests that come in one batch */
    async asks(...wishes: { quantity?: number; joinWaitlist?: boolean }[]) {
      const asked = wishes.map((wish) => requestRecord(sku, { userId, ...wish }))
      records.push(...asked)
      const result = await writer.write(requestsTopic, sku.partition, given.append(sku.partition, asked), longTimeLeftMs)
      expect(result).toEqual({ kind: "written" })
      const rows = await given.rows(asked.map(({ id }) => id))
      const names = Object.fromEntries(Object.entries(outcomeCodes).map(([name, code]) => [code, name]))
      return asked.map(({ id }) => names[rows.get(id)?.outcome ?? 0])
    },
    async letsItRunOut() {
      await given.endHolds(sku.skuNo)
      await applyCommand(sku.skuNo, { kind: "expire" })
    },
    cancels: () => applyCommand(sku.skuNo, { kind: "cancel", reservationId: records.at(-1)?.id ?? "", userId }),
    async pays() {
      const attempt = randomUUID()
      const id = records.at(-1)?.id ?? ""
      await checkout.query(
        `INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency, status)
         VALUES ($1, $2, $3, $4, 1, 500, 'EUR', 'AUTHORISED')`,
        [attempt, id, userId, sku.skuNo],
      )
      const { rows } = await checkout.query("SELECT outcome FROM confirm_reservation($1, $2, $3, $4)", [
        ...[id, userId, attempt],
        orderIdOf(id),
      ])
      expect(rows).toEqual([{ outcome: "confirmed" }])
    },
    async unpaidHolds() {
      const { rows } = await given.superuser.query("SELECT unpaid_holds FROM user_holdings WHERE user_id = $1", [userId])
      return rows[0]?.unpaid_holds
    },
  }
}

describe("a user who never pays gets a limited number of holds of a SKU", () => {
  test("when each one runs out and they ask again: two by default, then a refusal, also without stock", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const alice = shopper(sku)
    for (let hold = 1; hold <= 2; hold += 1) {
      expect(await alice.asks({})).toEqual(["reserved"])
      await alice.letsItRunOut()
    }
    expect(await alice.asks({})).toEqual(["hold-limit-reached"])
    expect(await shopper(sku).asks({})).toEqual(["reserved"])
    expect(await alice.asks({}, { joinWaitlist: true })).toEqual(["hold-limit-reached", "hold-limit-reached"])
    expect(await given.inventory(sku.skuNo)).toMatchObject({ refused_hold_limit: "3", refused_sold_out: "0" })
    await given.expectInvariants()
  })

  test("when they cancel each one, also within one batch, and for any quantity", async () => {
    const sku = await given.sku({ total_stock: 10, per_user_limit: 9, max_unpaid_holds: 3 })
    const alice = shopper(sku)
    expect(await alice.asks({ quantity: 3 })).toEqual(["reserved"])
    await alice.cancels()
    expect(await alice.asks({}, {}, {}, { quantity: 9 })).toEqual([
      "reserved",
      "reserved",
      "hold-limit-reached",
      "user-limit-reached",
    ])
    await given.expectInvariants()
  })

  test("when a new user sends several requests in one optimistic batch", async () => {
    const sku = await given.sku({ total_stock: 10, per_user_limit: 9 })
    const alice = shopper(sku)
    const bob = shopper(sku)
    await alice.asks({})
    expect(await alice.asks({}, {})).toEqual(["reserved", "hold-limit-reached"])
    expect(await bob.asks({}, {}, {})).toEqual(["reserved", "reserved", "hold-limit-reached"])
    expect([await alice.unpaidHolds(), await bob.unpaidHolds()]).toEqual([2, 2])
    await given.expectInvariants()
  })

  test("when waitlist entries became holds; an entry that was cancelled or lapsed does not count", async () => {
    const sku = await given.sku({ total_stock: 0, waitlist_limit: 9, per_user_limit: 9, max_unpaid_holds: 1 })
    const [alice, bob] = [shopper(sku), shopper(sku)]
    for (let time = 0; time < 3; time += 1) {
      expect(await alice.asks({ joinWaitlist: true })).toEqual(["waitlisted"])
      await alice.cancels()
      expect(await alice.unpaidHolds()).toBe(0)
    }
    await alice.asks({ joinWaitlist: true })
    await given.parts().applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: 1 })
    await alice.letsItRunOut()
    expect(await alice.asks({ joinWaitlist: true })).toEqual(["hold-limit-reached"])
    await given.parts().applyCommand(sku.skuNo, { kind: "restock", skuNo: sku.skuNo, quantity: -1 })
    expect(await bob.asks({ joinWaitlist: true })).toEqual(["waitlisted"])
    await given.parts().applyCommand(sku.skuNo, { kind: "close", skuNo: sku.skuNo })
    expect([await alice.unpaidHolds(), await bob.unpaidHolds()]).toEqual([1, 0])
    await given.expectInvariants()
  })

  test("and a paid reservation does not count", async () => {
    const sku = await given.sku({ total_stock: 10, per_user_limit: 9, max_unpaid_holds: 1 })
    const alice = shopper(sku)
    for (let time = 0; time < 3; time += 1) {
      expect(await alice.asks({})).toEqual(["reserved"])
      await alice.pays()
    }
    expect(await alice.unpaidHolds()).toBe(0)
    await given.expectInvariants()
  })

  test("in direct mode as well", async () => {
    const sku = await given.sku({ total_stock: 10, per_user_limit: 9 })
    await given.parts().applyCommand(sku.skuNo, { kind: "switch", skuNo: sku.skuNo, mode: "direct" })
    const { epoch } = await given.inventory(sku.skuNo)
    const decide = createDirectDecisions({
      ...{ pool: given.transition, projection: given.projection, transact: given.parts().transact },
    })
    const userId = randomUUID()
    const statuses: (string | undefined)[] = []
    for (let time = 0; time < 3; time += 1) {
      const request = { id: randomUUID(), userId, skuNo: sku.skuNo, quantity: 1, joinWaitlist: false }
      const result = await decide({ ...request, bodyHash: bodyHashOf(sku.skuId, 1, false) }, epoch)
      statuses.push(result.kind === "decided" ? (result.view.reason ?? result.view.status) : result.kind)
    }
    expect(statuses).toEqual(["RESERVED", "RESERVED", "hold-limit-reached"])
    await given.expectInvariants()
  })
})

/** Accounts that take a hold, let it run out and ask again before all others, for so many hold lengths. */
const [accounts, holdLengths, newcomersEach] = [100, 10, 20]

describe("a sale of as many units as one person has accounts, and no account ever pays", () => {
  test.each([
    { limit: 1_000, share: 1 },
    { limit: 2, share: 0.2 },
  ])("is theirs for $share of ten hold lengths with a limit of $limit", async ({ limit, share }) => {
    const sku = await given.sku({ total_stock: accounts, max_unpaid_holds: limit })
    const { writer, applyCommand } = given.parts()
    const userIds = Array.from({ length: accounts }, () => randomUUID())
    let held = 0
    let newcomers = 0
    for (let hold = 0; hold < holdLengths; hold += 1) {
      const theirs = userIds.map((userId) => requestRecord(sku, { userId }))
      const others = Array.from({ length: newcomersEach }, () => requestRecord(sku))
      const delivered = given.append(sku.partition, [...theirs, ...others])
      expect(await writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
      const rows = await given.rows([...theirs, ...others].map(({ id }) => id))
      held += theirs.filter(({ id }) => rows.get(id)?.state === 1).length
      newcomers += others.filter(({ id }) => rows.get(id)?.state === 1).length
      await given.endHolds(sku.skuNo)
      await applyCommand(sku.skuNo, { kind: "expire" })
    }
    expect(held / (accounts * holdLengths)).toBe(share)
    expect(newcomers).toBe(share === 1 ? 0 : newcomersEach * (holdLengths - limit))
    await given.expectInvariants()
  })
})

describe("version N-1 works on this database", () => {
  /** Counts one reason less, and knows of no limit. */
  const old: Planted = {
    statements: {
      ...transitionStatements,
      writeBatch: transitionStatements.writeBatch.replace(
        "$counters::int[]",
        "(SELECT coalesce(array_agg(c ORDER BY n), '{}') FROM unnest($counters::int[]) WITH ORDINALITY AS u (c, n) WHERE (n - 1) % 10 <> 7)",
      ),
    },
  }

  test("its batches keep the counts of unpaid holds, for new users and for known users", async () => {
    expect(old.statements?.writeBatch).not.toBe(transitionStatements.writeBatch)
    const sku = await given.sku({ total_stock: 10, per_user_limit: 3, max_unpaid_holds: 9 })
    const [alice, bob] = [shopper(sku, old), shopper(sku, old)]
    expect(await alice.asks({}, {})).toEqual(["reserved", "reserved"])
    expect(await alice.asks({}, {})).toEqual(["reserved", "user-limit-reached"])
    expect(await bob.asks({ quantity: 9 }, {})).toEqual(["user-limit-reached", "reserved"])
    expect([await alice.unpaidHolds(), await bob.unpaidHolds()]).toEqual([3, 1])
    expect(await given.inventory(sku.skuNo)).toMatchObject({ refused_user_limit: "2", refused_hold_limit: "0" })
    await given.expectInvariants()
  })

  test("its sales have no limit, and sales from before the limit keep theirs; the counts are filled from the decisions", async () => {
    const { rows } = await given.superuser.query<{ sku_no: number }>(
      "SELECT create_sku($1, 'old', 'A thing', 500, 'EUR', 5, 9, 120, 0, NULL, NULL, '') AS sku_no",
      [requestsTopic],
    )
    expect(await given.inventory(rows[0]?.sku_no ?? 0)).toMatchObject({ max_unpaid_holds: 32_767 })
    const before = await given.superuser.query("SELECT sku_no, user_id, unpaid_holds FROM user_holdings ORDER BY 1, 2")
    const [fill] = /UPDATE user_holdings h SET[^;]*;/.exec(migrations["0009_hold_limit.sql"] ?? "") ?? []
    await given.superuser.query("UPDATE user_holdings SET unpaid_holds = 0")
    await given.superuser.query(fill ?? "")
    const after = await given.superuser.query("SELECT sku_no, user_id, unpaid_holds FROM user_holdings ORDER BY 1, 2")
    expect(after.rows).toEqual(before.rows)
    await given.expectInvariants()
  })

  test("a ledger entry that counts one reason less is valid", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const record = requestRecord(sku)
    await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, [record]), longTimeLeftMs)
    const { rows } = await given.superuser.query(
      "SELECT cardinality(refused) AS reasons FROM ledger WHERE kind = 'decided' GROUP BY 1 ORDER BY 1",
    )
    expect(rows).toEqual([{ reasons: 5 }, { reasons: 6 }])
    await given.expectInvariants()
  })
})
