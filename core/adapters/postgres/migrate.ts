import { createHash } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PG_MIGRATE_LOCK_ID, runner } from "node-pg-migrate"
import { Client, type ClientBase, type ClientConfig } from "pg"
import { definitions } from "./definitions.ts"
import { migrations } from "./migrations.ts"

/** What a database is brought to: texts by name, in the order in which they are applied. */
export interface Schema {
  readonly migrations: Readonly<Record<string, string>>
  readonly definitions: Readonly<Record<string, string>>
}

/** The names of what was applied now, in order. */
export interface AppliedSchema {
  readonly migrations: readonly string[]
  readonly definitions: readonly string[]
}

const silent = { info: () => {}, warn: () => {}, error: () => {} }

/**
 * Applies the migrations that the database does not have yet, then the roles and functions whose text differs from the one it
 * has. One
 * transaction: the database gets all of it or nothing. A second caller waits for the first, also when one of them is the version
 * before.
 *
 * @param database a login that may create roles: the owner, never the login that the functions use
 * @throws Error when PostgreSQL refuses a file, or when a migration is missing before one that is applied
 */
export async function migrate(
  database: string | ClientConfig,
  schema: Schema = { migrations, definitions },
): Promise<AppliedSchema> {
  const client = new Client(database)
  await client.connect()
  try {
    await client.query("BEGIN")
    await client.query("SELECT pg_advisory_xact_lock($1)", [PG_MIGRATE_LOCK_ID])
    const applied = {
      migrations: await applyMigrations(client, schema.migrations),
      definitions: await applyDefinitions(client, schema.definitions),
    }
    await client.query("COMMIT")
    return applied
  } finally {
    // Ends a transaction that did not come to its COMMIT.
    await client.end()
  }
}

async function applyMigrations(client: ClientBase, texts: Schema["migrations"]): Promise<string[]> {
  // node-pg-migrate reads files, and a bundle has none.
  const dir = await mkdtemp(join(tmpdir(), "migrations-"))
  try {
    await Promise.all(Object.entries(texts).map(([name, text]) => writeFile(join(dir, name), text)))
    const applied = await runner({
      dbClient: withNestedTransaction(client),
      dir,
      direction: "up",
      migrationsTable: "migrations",
      checkOrder: true,
      singleTransaction: true,
      noLock: true,
      logger: silent,
    })
    return applied.map(({ name }) => name)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** node-pg-migrate begins and ends a transaction of its own; inside ours it is a savepoint. */
const nested: Readonly<Record<string, string>> = {
  BEGIN: "SAVEPOINT migrations",
  COMMIT: "RELEASE SAVEPOINT migrations",
  ROLLBACK: "ROLLBACK TO SAVEPOINT migrations",
}

const withNestedTransaction = (client: ClientBase): ClientBase =>
  Object.create(client, {
    query: { value: (text: string, values?: unknown[]) => client.query(nested[text] ?? text, values) },
  })

async function applyDefinitions(client: ClientBase, texts: Schema["definitions"]): Promise<string[]> {
  const { rows } = await client.query<{ name: string; sha256: Buffer }>("SELECT name, sha256 FROM applied_definitions")
  const known = new Map(rows.map(({ name, sha256 }) => [name, sha256]))
  const applied: string[] = []
  for (const [name, text] of Object.entries(texts)) {
    const sha256 = createHash("sha256").update(text).digest()
    if (known.get(name)?.equals(sha256)) continue
    await client.query(text)
    await client.query(
      `INSERT INTO applied_definitions (name, sha256) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = clock_timestamp()`,
      [name, sha256],
    )
    applied.push(name)
  }
  return applied
}
