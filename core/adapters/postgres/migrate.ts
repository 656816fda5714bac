import { fileURLToPath } from "node:url"
import { runner } from "node-pg-migrate"

const migrations = fileURLToPath(new URL("../../migrations", import.meta.url))
const silent = { info: () => {}, warn: () => {}, error: () => {} }

/**
 * Applies the migrations that the database does not have yet, all of them or none; whoever comes second waits.
 *
 * @param databaseUrl of a login that may create roles: the owner, never the one the functions use.
 * @returns the names of those applied now, in order.
 * @throws Error when one is refused, or when one was slipped in before those already applied.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const applied = await runner({
    databaseUrl,
    dir: migrations,
    direction: "up",
    migrationsTable: "migrations",
    checkOrder: true,
    advisoryLockMode: "wait",
    logger: silent,
  })
  return applied.map((migration) => migration.name)
}
