import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { extendOnce, recordHeartbeat } from "../../core/adapters/postgres/hold-extension.ts"
import { readReservationSnapshot } from "../../core/adapters/postgres/reservations.ts"
import { keyedCommand, operatorsId } from "../../core/domain/keyed-command.ts"
import { createHoldExtension } from "../../core/workflows/allocation/extend-holds.ts"
import { keepAlive } from "../../lambdas/expiry-sweeper/workflow.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"

let given: GivenDatabase
beforeAll(async () => {
  given = await givenDatabase()
})
afterAll(() => given.close())
// Every existing SKU has every earlier outage behind it: the next outage is the test's own.
beforeEach(async () => keepAlive(given.transition, given.parts().applyCommand))

/** An extension under a new key. */
const command = () => keyedCommand({ owner: operatorsId, key: randomUUID() }, ["extend"])

const expired = 4
const held = 1

async function holdsOf(count: number, more: { waitlist_limit?: number } = {}) {
  const sku = await given.sku({ total_stock: count, ...more })
  const records = Array.from({ length: count }, () => requestRecord(sku))
  await given.parts().writer.write(requestsTopic, sku.partition, given.append(sku.partition, records), longTimeLeftMs)
  return { sku, ids: records.map(({ id }) => id) }
}

/** The database after a restart: its start is not the recorded one, and its last sign of life was `seconds` ago. */
async function afterAnOutageOf(seconds: number) {
  await given.superuser.query(
    "UPDATE server_life SET started_at = started_at - interval '1 hour', alive_at = clock_timestamp() - make_interval(secs => $1)",
    [seconds],
  )
  // Every commit was before the last sign of life.
  await given.superuser.query("UPDATE inventory SET ledger_at = ledger_at - interval '1 day'")
}

/** The ledger's times did not change. Only the time of the last commit was moved. */
const restoreLedgerTimes = () =>
  given.superuser.query(
    "UPDATE inventory i SET ledger_at = (SELECT max(at) FROM ledger l WHERE l.sku_no = i.sku_no) WHERE ledger_at < now() - interval '12 hours'",
  )

async function endsOf(ids: readonly string[]): Promise<number[]> {
  const rows = await given.rows(ids)
  return ids.map((id) => rows.get(id)?.expires_at?.getTime() ?? 0)
}

async function extensions(skuNo: number) {
  const { rows } = await given.superuser.query<{ ids: number; seconds: number }>(
    "SELECT cardinality(moved) AS ids, amount / 1000000.0::float8 AS seconds FROM ledger WHERE sku_no = $1 AND kind = 'extended' ORDER BY seq",
    [skuNo],
  )
  return rows
}

describe("after an outage of the database", () => {
  test("the first transition extends the holds by its length, in the ledger, before it looks for what has expired", async () => {
    const { sku, ids } = await holdsOf(3)
    await given.superuser.query(
      "UPDATE reservations SET expires_at = clock_timestamp() - interval '20 seconds' WHERE sku_no = $1",
      [sku.skuNo],
    )
    const before = await endsOf(ids)
    await afterAnOutageOf(60)
    expect(await given.parts().applyCommand(sku.skuNo, { kind: "expire" })).toEqual({ expired: 0 })
    const after = await endsOf(ids)
    for (const [index, end] of after.entries()) {
      expect(end - (before[index] ?? 0)).toBeGreaterThanOrEqual(60_000)
      expect(end - (before[index] ?? 0)).toBeLessThan(70_000)
    }
    expect(await extensions(sku.skuNo)).toEqual([{ ids: 3, seconds: expect.closeTo(60, -1) }])
    await restoreLedgerTimes()
    await given.expectInvariants()
  })

  test("a hold that ran out before the outage stays expired, and one that began after it is not extended", async () => {
    const { sku, ids } = await holdsOf(2)
    await given.superuser.query("UPDATE reservations SET expires_at = clock_timestamp() - interval '90 seconds' WHERE id = $1", [
      ids[0],
    ])
    await afterAnOutageOf(60)
    const { applyCommand, writer } = given.parts()
    expect(await applyCommand(sku.skuNo, { kind: "expire" })).toEqual({ expired: 1 })
    const late = requestRecord(sku)
    await writer.write(requestsTopic, sku.partition, given.append(sku.partition, [late]), longTimeLeftMs)
    const [, old = 0] = await endsOf(ids)
    const [fresh = 0] = await endsOf([late.id])
    expect(old - fresh).toBeGreaterThan(50_000)
    expect((await given.rows(ids)).get(ids[0] ?? "")?.state).toBe(expired)
    await restoreLedgerTimes()
    await given.expectInvariants()
  })

  test("ten transitions at once extend once, and so do later ones", async () => {
    const { sku, ids } = await holdsOf(1)
    const before = await endsOf(ids)
    await afterAnOutageOf(40)
    const { applyCommand } = given.parts()
    await Promise.all(Array.from({ length: 10 }, () => applyCommand(sku.skuNo, { kind: "expire" })))
    await applyCommand(sku.skuNo, { kind: "expire" })
    expect(await extensions(sku.skuNo)).toHaveLength(1)
    expect(((await endsOf(ids))[0] ?? 0) - (before[0] ?? 0)).toBeLessThan(50_000)
    expect((await given.superuser.query("SELECT FROM outages WHERE down_from > now() - interval '50 seconds'")).rowCount).toBe(1)
    await restoreLedgerTimes()
    await given.expectInvariants()
  })

  test("a second outage before the next transition of the SKU is added to the first", async () => {
    const { sku } = await holdsOf(2)
    await afterAnOutageOf(30)
    await recordHeartbeat(given.transition)
    await afterAnOutageOf(20)
    await given.parts().applyCommand(sku.skuNo, { kind: "expire" })
    expect((await extensions(sku.skuNo)).map(({ seconds }) => Math.round(seconds / 10))).toEqual([3, 2])
    await restoreLedgerTimes()
    await given.expectInvariants()
  })

  test("the heartbeat alone extends the holds of every SKU, in entries of at most 500, and shows them", async () => {
    const [many, few] = [await holdsOf(620), await holdsOf(1)]
    await afterAnOutageOf(60)
    await given.redis.flushdb()
    await keepAlive(given.transition, given.parts().applyCommand)
    expect((await extensions(many.sku.skuNo)).map(({ ids }) => ids)).toEqual([500, 120])
    expect(await extensions(few.sku.skuNo)).toHaveLength(1)
    expect(await given.redis.pttl(`r:${few.ids[0]}`)).toBeGreaterThan(170_000)
    expect(await recordHeartbeat(given.transition)).toEqual([])
    await restoreLedgerTimes()
    await given.expectInvariants()
  })

  test("a commit after the last heartbeat was a sign of life, too", async () => {
    const { sku } = await holdsOf(1)
    await given.superuser.query(
      // Before the start of the server, however long it has been running.
      "UPDATE server_life SET started_at = started_at - interval '1 hour', alive_at = pg_postmaster_start_time() - interval '10 minutes'",
    )
    // The restart is real only for commits before this server started.
    await given.superuser.query(
      "UPDATE inventory SET ledger_at = CASE WHEN sku_no = $1 THEN pg_postmaster_start_time() - interval '1 second' ELSE now() - interval '1 day' END",
      [sku.skuNo],
    )
    await recordHeartbeat(given.transition)
    const { rows } = await given.superuser.query<{ late: boolean }>(
      "SELECT down_from = pg_postmaster_start_time() - interval '1 second' AS late FROM outages ORDER BY outage_no DESC LIMIT 1",
    )
    expect(rows).toEqual([{ late: true }])
    await given.parts().applyCommand(sku.skuNo, { kind: "expire" })
    await restoreLedgerTimes()
    await given.expectInvariants()
  })
})

describe("an extension by an operator", () => {
  test("gives more time to holds that have not run out, and not to the others", async () => {
    const { sku, ids } = await holdsOf(2)
    await given.superuser.query("UPDATE reservations SET expires_at = clock_timestamp() WHERE id = $1", [ids[0]])
    const before = await endsOf(ids)
    expect(
      await createHoldExtension({ pool: given.transition, projection: given.projection })(sku.skuNo, 300, command()),
    ).toMatchObject({
      holdsExtended: 1,
    })
    const after = await endsOf(ids)
    expect([after[0], after[1]]).toEqual([before[0], (before[1] ?? 0) + 300_000])
    expect(await given.redis.pttl(`r:${ids[1]}`)).toBeGreaterThan(400_000)
    await given.parts().applyCommand(sku.skuNo, { kind: "expire" })
    expect([...(await given.rows(ids)).values()].map(({ state }) => state).sort()).toEqual([held, expired])
    await given.expectInvariants()
  })

  test("the end of a hold that was moved without a ledger entry is found", async () => {
    const { ids } = await holdsOf(1)
    await given.superuser.query("UPDATE reservations SET expires_at = expires_at + interval '1 second' WHERE id = $1", [ids[0]])
    await expect(given.expectInvariants()).rejects.toThrow()
    await given.superuser.query("UPDATE reservations SET expires_at = expires_at - interval '1 second' WHERE id = $1", [ids[0]])
    await given.expectInvariants()
  })

  test("of a SKU without holds changes nothing", async () => {
    const sku = await given.sku({ total_stock: 1 })
    const { seq } = await given.inventory(sku.skuNo)
    expect(await extendOnce(given.transition, sku.skuNo, 60, command())).toEqual({ isSame: true, holdsExtended: 0, holds: [] })
    expect((await given.inventory(sku.skuNo)).seq).toBe(seq)
    expect(await readReservationSnapshot(given.transition, [])).toMatchObject({ reservations: [] })
  })
})
