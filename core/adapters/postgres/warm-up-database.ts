import { Client, type ClientConfig, escapeIdentifier } from "pg"
import { warmUpDatabaseOf } from "../../contracts/environment.ts"
import { warmUpDefinitions } from "./definitions.ts"
import { migrate } from "./migrate.ts"
import { migrations } from "./migrations.ts"

/** How the owner logs in to a database of the server. */
export type OwnerOf = (database: string) => string | ClientConfig

/** Creates the warm-up database of `database` unless it exists, and brings it to the newest schema. */
export async function provisionWarmUpDatabase(ownerOf: OwnerOf, database: string): Promise<void> {
  const name = warmUpDatabaseOf(database)
  await ensureDatabase(ownerOf(database), name)
  await migrate(ownerOf(name), { migrations, definitions: warmUpDefinitions })
}

/** Creates a database unless it exists. @param server a login that may do so, in another database */
export async function ensureDatabase(server: string | ClientConfig, name: string): Promise<void> {
  const client = new Client(server)
  await client.connect()
  try {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}
