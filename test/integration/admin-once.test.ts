import { randomUUID } from "node:crypto"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { commandMemoryDays, deleteOldCommands } from "../../core/adapters/postgres/command-memory.ts"
import { transitionStatements } from "../../core/adapters/postgres/statements.ts"
import { keyedCommand } from "../../core/domain/keyed-command.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { createOpsRuntime } from "../../lambdas/ops/runtime.ts"
import { carryOut } from "../../lambdas/ops/workflow.ts"
import { type GivenDatabase, givenDatabase } from "../sale/given-sale.ts"
import { type RunningSale, runningSale } from "../sale/running-sale.ts"

let sale: RunningSale
beforeAll(async () => {
  sale = await runningSale()
  await sale.api()
})
afterAll(() => sale.close())

interface Told {
  readonly type?: string
  readonly total_stock?: number
  readonly holds_extended?: number
}

/** A command over HTTP, with the key of an administrator. */
const command = (skuId: string, action: "restock" | "extend", body: object, key: string, sub = "operator") =>
  sale.call<Told>("POST", `/v1/admin/skus/${skuId}/${action}`, { sub, scope: "sales:admin" }, { "idempotency-key": key }, body)

async function stockOf(skuId: string): Promise<number> {
  const { rows } = await sale.superuser.query<{ total: number }>("SELECT total_stock AS total FROM inventory WHERE sku_id = $1", [
    skuId,
  ])
  return rows[0]?.total ?? 0
}

/** Ends of the living holds of a SKU, in milliseconds. */
async function endsOf(skuNo: number): Promise<number[]> {
  const { rows } = await sale.superuser.query<{ expires_at: Date }>(
    "SELECT expires_at FROM reservations WHERE sku_no = $1 AND state = 1 ORDER BY id",
    [skuNo],
  )
  return rows.map(({ expires_at }) => expires_at.getTime())
}

async function skuWithHold() {
  const sku = await sale.sku({ total_stock: 10 })
  await sale.steer("POST", `skus/${sku.skuId}/mode`, { mode: "direct" })
  expect((await sale.reserve(sku.skuId, "alice")).status).toBe(201)
  return sku
}

const reused = { status: 422, body: { type: "/problems/idempotency-key-reused" } }

describe("a command with a key", () => {
  test("is carried out once, even when twenty copies come at once", async () => {
    const { skuId, skuNo } = await skuWithHold()
    const [before = 0] = await endsOf(skuNo)
    const keys = [randomUUID(), randomUUID()] as const
    const copies = await Promise.all(
      Array.from({ length: 20 }, (_, copy) =>
        copy % 2 === 0
          ? command(skuId, "restock", { quantity: 10 }, keys[0])
          : command(skuId, "extend", { seconds: 60 }, keys[1]),
      ),
    )
    expect(copies.filter(({ body }) => body.total_stock === 20)).toHaveLength(10)
    expect(copies.filter(({ body }) => body.holds_extended === 1)).toHaveLength(10)
    expect(await stockOf(skuId)).toBe(20)
    expect(await endsOf(skuNo)).toEqual([before + 60_000])
    await sale.expectInvariants()
  })

  test("is valid for one command only: another amount, SKU or command with the same key is 422 and changes nothing", async () => {
    const { skuId, skuNo } = await skuWithHold()
    const other = await skuWithHold()
    const [ofRestock, ofExtend] = [randomUUID(), randomUUID()]
    await command(skuId, "restock", { quantity: 10 }, ofRestock)
    await command(skuId, "extend", { seconds: 60 }, ofExtend)
    const ends = [await endsOf(skuNo), await endsOf(other.skuNo)]
    for (const key of [ofRestock, ofExtend]) {
      expect(await command(skuId, "restock", { quantity: 11 }, key)).toMatchObject(reused)
      expect(await command(other.skuId, "restock", { quantity: 10 }, key)).toMatchObject(reused)
      expect(await command(skuId, "extend", { seconds: 61 }, key)).toMatchObject(reused)
      expect(await command(other.skuId, "extend", { seconds: 60 }, key)).toMatchObject(reused)
    }
    expect([await stockOf(skuId), await stockOf(other.skuId)]).toEqual([20, 10])
    expect([await endsOf(skuNo), await endsOf(other.skuNo)]).toEqual(ends)
    await sale.expectInvariants()
  })

  test("that is sent to two SKUs at once is carried out on one of them", async () => {
    const [one, two] = [await skuWithHold(), await skuWithHold()]
    for (const [action, body] of [
      ["restock", { quantity: 5 }],
      ["extend", { seconds: 60 }],
    ] as const) {
      const key = randomUUID()
      const answers = await Promise.all([one, two, one, two].map(({ skuId }) => command(skuId, action, body, key)))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 422, 422])
    }
    expect((await stockOf(one.skuId)) + (await stockOf(two.skuId))).toBe(25)
    await sale.expectInvariants()
  })

  test("has a key for each administrator; operators of the CLI share one key space", async () => {
    const { skuId } = await sale.sku({ total_stock: 10 })
    const key = randomUUID()
    await command(skuId, "restock", { quantity: 1 }, key, "one")
    await command(skuId, "restock", { quantity: 1 }, key, "another")
    expect(await stockOf(skuId)).toBe(12)
    const parts = await createOpsRuntime().open()
    const host = { progress: () => {}, signal: new AbortController().signal }
    for (const operator of ["dana", "erik"]) {
      const asked = { command: "sale-restock", sku_id: skuId, quantity: 1, idempotency_key: key, operator } as const
      expect(await carryOut(parts, asked, host)).toMatchObject({ total_stock: 13 })
    }
    await sale.expectInvariants()
  })

  test("that was refused can be repeated; one that was carried out keeps its answer, even if it would be refused now", async () => {
    const { skuId } = await sale.sku({ total_stock: 5 })
    const [tooMany, all] = [randomUUID(), randomUUID()]
    expect(await command(skuId, "restock", { quantity: -6 }, tooMany)).toMatchObject({
      status: 409,
      body: { type: "/problems/below-committed" },
    })
    await command(skuId, "restock", { quantity: 1 }, randomUUID())
    expect(await command(skuId, "restock", { quantity: -6 }, tooMany)).toMatchObject({ status: 200, body: { total_stock: 0 } })
    await command(skuId, "restock", { quantity: 3 }, randomUUID())
    expect(await command(skuId, "restock", { quantity: -3 }, all)).toMatchObject({ status: 200, body: { total_stock: 0 } })
    expect(await command(skuId, "restock", { quantity: -3 }, all)).toMatchObject({ status: 200, body: { total_stock: 0 } })
    await sale.expectInvariants()
  })

  test("needs a valid key, or no key", async () => {
    const { skuId } = await sale.sku({ total_stock: 5 })
    const invalid = { status: 400, body: { type: "/problems/idempotency-key-invalid" } }
    expect(await command(skuId, "restock", { quantity: 1 }, "short")).toMatchObject(invalid)
    expect(await command(skuId, "extend", { seconds: 1 }, "with,comma")).toMatchObject(invalid)
    expect(await sale.steer("POST", `skus/${skuId}/restock`, { quantity: 1 })).toMatchObject({ body: { total_stock: 6 } })
    expect(await sale.steer("POST", `skus/${skuId}/restock`, { quantity: 1 })).toMatchObject({ body: { total_stock: 7 } })
  })
})

test("the records of keys are deleted after their retention time, and not earlier", async () => {
  const pool = await postgresPool({ role: "transition", size: 1 })
  const counts = async () => {
    const { rows } = await sale.superuser.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM batch_calls UNION ALL SELECT count(*)::int FROM admin_commands",
    )
    return rows.map(({ n }) => n)
  }
  try {
    await sale.superuser.query(
      "INSERT INTO batch_calls (call_id, body_hash) SELECT gen_random_uuid(), '\\x' FROM generate_series(1, 5)",
    )
    const [calls = 0, commands = 0] = await counts()
    expect(commands).toBeGreaterThan(5)
    const age = (days: number) =>
      Promise.all(
        ["batch_calls", "admin_commands"].map((table) =>
          sale.superuser.query(`UPDATE ${table} SET seen_at = clock_timestamp() - make_interval(hours => $1)`, [days * 24]),
        ),
      )
    await age(commandMemoryDays - 0.5)
    expect(await deleteOldCommands(pool)).toBe(0)
    await age(commandMemoryDays + 0.5)
    expect(await deleteOldCommands(pool, 2)).toBe(4)
    expect(await deleteOldCommands(pool)).toBe(calls + commands - 4)
    expect(await counts()).toEqual([0, 0])
  } finally {
    await pool.end()
  }
})

describe("a transaction that does not record its key", () => {
  let given: GivenDatabase
  beforeEach(async () => {
    given = await givenDatabase()
  })
  afterEach(() => given.close())

  test.each([
    ["as it is", transitionStatements, 20],
    ["without the record", { ...transitionStatements, recordCommand: "SELECT $command_id::uuid, $command_hash::bytea" }, 30],
    ["without the lookup", { ...transitionStatements, findCommand: "SELECT NULL WHERE $command_id::uuid IS NULL" }, "conflict"],
  ])("would be seen: %s", async (_, statements, expected) => {
    const { skuNo } = await given.sku({ total_stock: 10 })
    const { applyCommand } = given.parts({ statements })
    const keyed = keyedCommand({ owner: randomUUID(), key: "key-of-the-test" }, ["restock", skuNo, 10])
    const restock = () => applyCommand(skuNo, { kind: "restock", skuNo, quantity: 10 }, keyed)
    await restock()
    const again = await restock().catch(({ code }: { code: string }) => code)
    if (expected === "conflict") expect(again).toBe("23505")
    else expect((await given.inventory(skuNo)).total_stock).toBe(expected)
    await given.expectInvariants()
  })
})
