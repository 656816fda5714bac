import { randomUUID } from "node:crypto"
import { readdirSync } from "node:fs"
import { Client } from "pg"
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest"
import { definitions } from "../../core/adapters/postgres/definitions.ts"
import { migrate } from "../../core/adapters/postgres/migrate.ts"
import { migrations } from "../../core/adapters/postgres/migrations.ts"
import { postgresUrl } from "../../local/services/data-services.ts"
import { runStatements } from "../../local/services/database.ts"
import { ownerLogin } from "../../local/services/postgres.ts"

const urlOf = (name: string) => postgresUrl(ownerLogin, inject("services").ownerPassword, inject("services").postgresPort, name)

let name: string
let url: string
let owner: Client
beforeEach(async () => {
  name = `schema_${randomUUID().replaceAll("-", "")}`
  url = urlOf(name)
  await runStatements(urlOf("postgres"), `CREATE DATABASE ${name}`)
  owner = new Client(url)
  await owner.connect()
})
afterEach(async () => {
  await owner.end()
  await runStatements(urlOf("postgres"), `DROP DATABASE ${name} WITH (FORCE)`)
})

const whole = { migrations, definitions }
const withDefinition = (file: string, text: string) => ({ migrations, definitions: { ...definitions, [file]: text } })
const maxPassed = (is: number) =>
  `CREATE OR REPLACE FUNCTION max_passed() RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT ${is}'`

/** This schema in the catalogue: relations, functions, triggers and rights, and the record of applied files. */
async function catalogue(): Promise<unknown[][]> {
  const statements = [
    "SELECT relname, relkind, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
    "SELECT oid::regprocedure::text AS signature, prosrc, proacl::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
  ]
  const tables: unknown[][] = []
  for (const statement of statements) tables.push((await owner.query(statement)).rows)
  return tables
}

test("the definitions are the files of the folder, and the roles", () => {
  const files = readdirSync("core/database/functions").map((file) => file.replace(".sql", ""))
  expect(Object.keys(definitions).sort()).toEqual([...files, "roles"].sort())
})

test.each(Object.entries(definitions).filter(([file]) => file !== "roles"))(
  "%s defines one function, and replaces an existing one",
  (_, text) => {
    expect(text.match(/CREATE[^;]*?\b(FUNCTION|TRIGGER)\b/g)?.filter((found) => !found.startsWith("CREATE OR REPLACE "))).toEqual(
      [],
    )
    expect(text.match(/CREATE OR REPLACE FUNCTION/g)).toHaveLength(1)
  },
)

test("no migration makes a function, a trigger or a role", () => {
  for (const [file, text] of Object.entries(migrations))
    expect(text, file).not.toMatch(/CREATE (OR REPLACE )?(FUNCTION|TRIGGER|ROLE)|GRANT/)
})

describe("a schema", () => {
  test("is applied once: a second time changes nothing", async () => {
    const names = Object.keys(migrations).map((file) => file.replace(".sql", ""))
    expect(await migrate(url)).toEqual({ migrations: names, definitions: Object.keys(definitions) })
    const [before, applied] = [await catalogue(), (await owner.query("SELECT * FROM applied_definitions ORDER BY name")).rows]
    expect(await migrate(url)).toEqual({ migrations: [], definitions: [] })
    expect(await catalogue()).toEqual(before)
    expect((await owner.query("SELECT * FROM applied_definitions ORDER BY name")).rows).toEqual(applied)
  })

  test("is applied again where a body has changed, and the previous version restores its own", async () => {
    await migrate(url, whole)
    expect(await migrate(url, withDefinition("max_passed", maxPassed(11)))).toEqual({
      migrations: [],
      definitions: ["max_passed"],
    })
    expect((await owner.query("SELECT max_passed()")).rows).toEqual([{ max_passed: 11 }])
    expect(await migrate(url, whole)).toEqual({ migrations: [], definitions: ["max_passed"] })
    expect((await owner.query("SELECT max_passed()")).rows).toEqual([{ max_passed: 10 }])
  })

  test.each([
    ["a new database", {}],
    ["a database of this version", whole],
  ])("leaves %s as it was when one file fails", async (_, first) => {
    if ("migrations" in first) await migrate(url, whole)
    const before = await catalogue()
    const failing = {
      migrations: { ...migrations, "9999_further.sql": "CREATE TABLE further ()" },
      definitions: {
        ...definitions,
        max_passed: maxPassed(11),
        wake_sale: "CREATE OR REPLACE FUNCTION wake_sale() RETURNS trigger",
      },
    }
    await expect(migrate(url, failing)).rejects.toThrow("no language specified")
    expect(await catalogue()).toEqual(before)
  })

  test("is left as it was when a migration fails", async () => {
    await migrate(url, whole)
    const before = await catalogue()
    const failing = {
      ...withDefinition("max_passed", maxPassed(11)),
      migrations: { ...migrations, "9999_further.sql": "SELECT 1 / 0" },
    }
    await expect(migrate(url, failing)).rejects.toThrow("division by zero")
    expect(await catalogue()).toEqual(before)
  })

  test("is applied by one of two callers at once; the other waits and finds it applied", async () => {
    const both = await Promise.all([migrate(url, whole), migrate(url, whole)])
    expect(both.map((applied) => applied.definitions.length).sort((a, b) => a - b)).toEqual([0, Object.keys(definitions).length])
    expect(both.map((applied) => applied.migrations.length).sort((a, b) => a - b)).toEqual([0, Object.keys(migrations).length])
  })

  test("waits for the previous version, which holds node-pg-migrate's lock for its session", async () => {
    await migrate(url, whole)
    await owner.query("SELECT pg_advisory_lock(7241865325823964)")
    let isDone = false
    const second = migrate(url, withDefinition("max_passed", maxPassed(11))).finally(() => {
      isDone = true
    })
    const waiting =
      "SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    await expect.poll(async () => (await owner.query<{ n: number }>(waiting)).rows[0]?.n).toBe(1)
    expect(isDone).toBe(false)
    await owner.query("SELECT pg_advisory_unlock(7241865325823964)")
    expect((await second).definitions).toEqual(["max_passed"])
  })
})
