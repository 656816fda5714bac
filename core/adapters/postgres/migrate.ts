import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runner } from "node-pg-migrate"
import type { ClientConfig } from "pg"
import { migrations } from "./migrations.ts"

const silent = { info: () => {}, warn: () => {}, error: () => {} }

/**
 * Applies the migrations that the database does not have yet, all of them or none; whoever comes second waits.
 *
 * @param database a login that may create roles: the owner, never the one the functions use.
 * @returns the names of those applied now, in order.
 * @throws Error when one is refused, or when one was slipped in before those already applied.
 */
export async function migrate(database: string | ClientConfig): Promise<string[]> {
  // node-pg-migrate reads files, and a bundle has none.
  const dir = await mkdtemp(join(tmpdir(), "migrations-"))
  try {
    await Promise.all(Object.entries(migrations).map(([name, text]) => writeFile(join(dir, name), text)))
    const applied = await runner({
      databaseUrl: database,
      dir,
      direction: "up",
      migrationsTable: "migrations",
      checkOrder: true,
      advisoryLockMode: "wait",
      logger: silent,
    })
    return applied.map((migration) => migration.name)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
