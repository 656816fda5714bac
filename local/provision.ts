import { Pool } from "pg"
import { kafkaClient } from "../core/adapters/kafka/client.ts"
import { provisionTopics } from "../core/adapters/kafka/provision.ts"
import { requireGeneration } from "../core/adapters/postgres/generations.ts"
import { migrate } from "../core/adapters/postgres/migrate.ts"
import { ensureDatabase } from "../core/adapters/postgres/warm-up-database.ts"
import type { TopicDefinition } from "../core/contracts/topics.ts"
import { ensureFunctionLogin } from "./services/database.ts"

export interface DatabaseProvisioning {
  /** The owner's URL of a database by name. */
  readonly ownerUrl: (database: string) => string
  readonly database: string
  readonly functionPassword: string
}

/** Brings a database to the newest schema and lets the functions in. @returns the migrations and definitions applied now */
export async function provisionDatabase({ ownerUrl, database, functionPassword }: DatabaseProvisioning): Promise<string[]> {
  await ensureDatabase(ownerUrl("postgres"), database)
  const { migrations, definitions } = await migrate(ownerUrl(database))
  await ensureFunctionLogin(ownerUrl(database), functionPassword)
  return [...migrations, ...definitions]
}

export interface TopicProvisioning {
  /** Of a login that may act as flash_provisioner. */
  readonly databaseUrl: string
  readonly brokers: string
  readonly definitions: readonly TopicDefinition[]
  /** Of the requests. */
  readonly generation?: number
}

/**
 * Creates the topics that are missing, and their first watermarks.
 * @returns the topics created now @throws Error when the generation of the requests may not begin
 */
export async function provisionLog({ databaseUrl, brokers, definitions, generation = 1 }: TopicProvisioning): Promise<string[]> {
  const pool = new Pool({ connectionString: databaseUrl, max: 1, options: "-c role=flash_provisioner" })
  try {
    await requireGeneration(pool, generation)
    return await provisionTopics({ kafka: kafkaClient(brokers.split(","), "provisioning"), pool, definitions })
  } finally {
    await pool.end()
  }
}
