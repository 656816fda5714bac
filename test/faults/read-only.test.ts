import { afterAll, beforeAll, expect, test } from "vitest"
import { givenCheckout, type Hold } from "../sale/given-checkout.ts"
import { longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"
import { until } from "../sale/running-sale.ts"
import { type PrivatePostgres, privatePostgres } from "../services/private.ts"

let postgres: PrivatePostgres
let given: Awaited<ReturnType<typeof givenCheckout>>
beforeAll(async () => {
  postgres = await privatePostgres()
  given = await givenCheckout({ url: postgres.url, superuserUrl: postgres.superuserUrl, drop: async () => {} })
})
afterAll(async () => {
  await given.close()
  await postgres.stop()
})

/**
 * Makes the server read-only for every open connection, and for no later one. A client sees the same after a failover: its pooled
 * connections still lead to the demoted server, and new ones lead to the primary. PostgreSQL itself refuses their writes (25006).
 */
async function demoteOpenConnections(): Promise<void> {
  await given.superuser.query("ALTER DATABASE flash_sale SET default_transaction_read_only = off")
  await given.superuser.query("ALTER SYSTEM SET default_transaction_read_only = on")
  await given.superuser.query("SELECT pg_reload_conf()")
  const setting = "SHOW default_transaction_read_only"
  await until(async () => (await given.transition.query(setting)).rows[0]?.default_transaction_read_only === "on")
}

const pidsOf = async (role: "transition" | "checkout") => {
  const { rows } = await given.superuser.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY pid",
    [`flash-sale ${role}`],
  )
  return rows.map(({ pid }) => pid)
}

/** Repeats a call until the answer is that of a healthy system; every answer before is a 503 with Retry-After. */
async function untilServed(status: number, call: () => ReturnType<typeof given.cancel>) {
  let refusals = 0
  await until(async () => {
    const answer = await call()
    if (answer.status === status) return true
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": expect.stringMatching(/^\d+$/) } })
    refusals += 1
    return false
  })
  return refusals
}

test("pooled connections to a server that became read-only are closed: the writer decides, shoppers get 503 at worst", async () => {
  const sku = await given.sku({ total_stock: 50 })
  const write = async () => {
    const record = requestRecord(sku)
    const delivered = given.append(sku.partition, [record])
    expect(await writer.write(requestsTopic, sku.partition, delivered, longTimeLeftMs)).toEqual({ kind: "written" })
    return record
  }
  const { writer } = given.parts()
  const [paid, cancelled, toPay, toCancel] = (await given.reserve(sku, 4)) as [Hold, Hold, Hold, Hold]
  expect((await given.pay(paid)).status).toBe(201)
  expect((await given.cancel(cancelled)).status).toBe(200)
  // The second batch takes the optimistic path, which keeps a connection of its own.
  await write()
  await write()
  const [writersBefore, checkoutsBefore] = [await pidsOf("transition"), await pidsOf("checkout")]
  await demoteOpenConnections()

  const records = [await write(), await write(), await write()]
  const rows = await given.rows(records.map(({ id }) => id))
  expect(records.map(({ id }) => rows.get(id)?.outcome)).toEqual([1, 1, 1])
  const key = "the-same-key-until-it-is-paid"
  const payBefore = await untilServed(201, () => given.pay(toPay, { key }))
  const cancelBefore = await untilServed(200, () => given.cancel(toCancel))
  console.log(`checkout heard 503 ${payBefore} times and cancel ${cancelBefore} times before they were served`)
  // The fault took effect: the earlier connections of both pools are closed.
  for (const [role, before] of [["transition", writersBefore] as const, ["checkout", checkoutsBefore] as const]) {
    const after = new Set(await pidsOf(role))
    expect(before.filter((pid) => !after.has(pid)).length, role).toBeGreaterThan(0)
  }
  expect((await given.superuser.query("SELECT FROM quarantine")).rowCount).toBe(0)
  await given.expectInvariants()
  await given.expectMoneyToMatch()
})
