import { randomBytes, randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { Client } from "pg"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { migrate } from "../../core/adapters/postgres/migrate.ts"
import type { TransactorOptions } from "../../core/adapters/postgres/transaction.ts"
import { functionLogin, postgresUrl } from "../../local/services/data-services.ts"
import { runStatements } from "../../local/services/database.ts"
import { ownerLogin } from "../../local/services/postgres.ts"
import { type GivenDatabase, givenDatabase, longTimeLeftMs, requestsTopic } from "../sale/given-sale.ts"
import { requestRecord } from "../sale/records.ts"
import { templateDatabase } from "../services/setup.ts"
import { oldCalls, oldStatements } from "./old-layout/calls.ts"

const { postgresPort, ownerPassword, functionPassword } = inject("services")
const name = `old_${randomUUID().replaceAll("-", "")}`
const ownerUrl = (database: string) => postgresUrl(ownerLogin, ownerPassword, postgresPort, database)

let given: GivenDatabase
beforeAll(async () => {
  await runStatements(ownerUrl("postgres"), `CREATE DATABASE ${name} TEMPLATE template0`)
  await runStatements(ownerUrl(name), readFileSync(new URL("old-layout/schema.sql", import.meta.url), "utf8"))
  given = await givenDatabase({
    url: postgresUrl(functionLogin, functionPassword, postgresPort, name),
    superuserUrl: ownerUrl(name),
    drop: () => runStatements(ownerUrl("postgres"), `DROP DATABASE ${name} WITH (FORCE)`),
  })
})
afterAll(() => given.close())

type Version = Pick<TransactorOptions, "statements">
const versionBefore: Version = { statements: oldStatements }
const thisVersion: Version = {}

let isMigrated = false

interface Sku {
  readonly skuNo: number
  readonly skuId: string
  readonly partition: number
}

/** A SKU with an open sale, made by the calls of the previous version. */
async function openSku(version: Version): Promise<Sku> {
  const skuId = `sku-${randomUUID()}`
  const { rows } = await given.superuser.query<{ sku_no: number }>(oldCalls.createSku, [requestsTopic, skuId, 4, randomBytes(32)])
  const skuNo = rows[0]?.sku_no ?? 0
  await given.parts(version).applyCommand(skuNo, { kind: "open", skuNo })
  return { skuNo, skuId, partition: (await given.inventory(skuNo)).partition }
}

/** One sale with every kind of transition, whose statements are those of a version. */
async function sell(version: Version): Promise<void> {
  const sku = await openSku(version)
  const { skuNo, partition } = sku
  const { writer, applyCommand } = given.parts(version)
  const write = async (...records: ReturnType<typeof requestRecord>[]) =>
    expect(await writer.write(requestsTopic, partition, given.append(partition, records), longTimeLeftMs)).toEqual({
      kind: "written",
    })
  const [first, second, third] = [requestRecord(sku), requestRecord(sku, { quantity: 2 }), requestRecord(sku)]
  const waiting = [2, 1, 1].map((quantity) => requestRecord(sku, { quantity, joinWaitlist: true }))
  await write(first, second, third)
  await write(...waiting)
  await write(requestRecord(sku))
  // An entry for one unit passes the entry for two units.
  await applyCommand(skuNo, { kind: "cancel", reservationId: first.id, userId: first.userId })
  await applyCommand(skuNo, { kind: "paid", orderIds: [await pay(skuNo, third)] })
  expect(await extend(skuNo)).toEqual([{ is_same: true, holds_extended: 2 }])
  await given.endHolds(skuNo)
  await applyCommand(skuNo, { kind: "expire" })
  await applyCommand(skuNo, { kind: "restock", skuNo, quantity: 3 })
  await sellDirectly(version, sku)
  await applyCommand(skuNo, { kind: "close", skuNo })
  await given.superuser.query(oldCalls.signOfLife)
  // The checks of this version read columns of this version. After the migration they check the whole history.
  if (isMigrated) await given.expectInvariants()
}

async function pay(skuNo: number, { id, userId }: { id: string; userId: string }): Promise<string> {
  const attempt = randomUUID()
  await given.superuser.query(
    `INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency, status)
     VALUES ($1, $2, $3, $4, 1, 500, 'EUR', 'AUTHORISED')`,
    [attempt, id, userId, skuNo],
  )
  const order = randomUUID()
  const { rows } = await given.superuser.query(oldCalls.confirm, [id, userId, attempt, order, randomUUID()])
  expect(rows).toEqual([{ outcome: "confirmed", made: true }])
  return order
}

async function extend(skuNo: number): Promise<unknown[]> {
  const { rows } = await given.superuser.query(oldCalls.extendOnce, [skuNo, 5, randomUUID(), randomBytes(32)])
  return rows.map(({ is_same, holds_extended }) => ({ is_same, holds_extended }))
}

async function sellDirectly(version: Version, { skuNo }: Sku): Promise<void> {
  const { transact, applyCommand } = given.parts(version)
  await applyCommand(skuNo, { kind: "switch", skuNo, mode: "direct" })
  const { epoch } = await given.inventory(skuNo)
  const [id, userId] = [randomUUID(), randomUUID()]
  const request = { id, userId, skuNo, quantity: 1, joinWaitlist: false, bodyHash: 1 }
  await transact({ skuNos: [skuNo], ids: [id], holders: [{ skuNo, userId }] }, () => ({
    command: { kind: "allocate", requests: [request] },
    directEpoch: epoch,
  }))
  expect((await given.rows([id])).get(id)).toMatchObject({ state: 1 })
}

/** Functions, triggers and rights in the catalogue, without the order in which rights were granted. */
async function catalogueOf(database: string): Promise<unknown[][]> {
  const client = new Client(ownerUrl(database))
  await client.connect()
  const statements = [
    "SELECT oid::regprocedure::text AS signature, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    `SELECT relname, relkind, (SELECT array_agg(a ORDER BY a::text) FROM unnest(relacl) AS u (a))::text AS rights
       FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`,
    `SELECT attrelid::regclass::text AS relation, attname, format_type(atttypid, atttypmod), attacl::text
       FROM pg_attribute JOIN pg_class ON oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0 ORDER BY 1, 2`,
  ]
  const tables: unknown[][] = []
  for (const statement of statements) tables.push((await client.query(statement)).rows)
  await client.end()
  return tables
}

test("a database of the previous version serves both versions before, during and after the migration, and loses nothing", async () => {
  await sell(versionBefore)
  const rowsBefore = await given.superuser.query("SELECT * FROM ledger ORDER BY sku_no, seq")

  // Its sessions keep their prepared statements while the functions are replaced.
  let isMigrating = true
  const selling = (async () => {
    while (isMigrating) await sell(versionBefore)
  })()
  const applied = await migrate(ownerUrl(name)).finally(() => {
    isMigrating = false
  })
  await selling
  isMigrated = true
  expect(applied.migrations).toEqual([
    "0014_applied_definitions",
    "0016_refunds",
    "0017_analytics",
    "0018_notices",
    "0019_quarantine_outcomes",
    "0020_operator_settings",
    "0022_statement_statistics",
    "0023_generations",
  ])

  await sell(versionBefore)
  await sell(thisVersion)
  await sell(versionBefore)
  const rowsAfter = await given.superuser.query("SELECT * FROM ledger ORDER BY sku_no, seq")
  expect(rowsAfter.rows.slice(0, rowsBefore.rows.length)).toEqual(rowsBefore.rows)
  await given.expectInvariants()
})

test("the migrated database is equal to a new database", async () => {
  expect(await catalogueOf(name)).toEqual(await catalogueOf(templateDatabase))
})
