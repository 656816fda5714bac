import type { Admin } from "kafkajs"
import { type ClientBase, type ClientConfig, type Pool, Client as PostgresClient } from "pg"
import { watermarkUnusedPartitions } from "../../core/adapters/kafka/watermarks.ts"
import { requireGeneration } from "../../core/adapters/postgres/generations.ts"
import { ensureLogin, type RoleLogin } from "../../core/adapters/postgres/logins.ts"
import { type AppliedSchema, migrate } from "../../core/adapters/postgres/migrate.ts"
import { provisionWarmUpDatabase } from "../../core/adapters/postgres/warm-up-database.ts"
import type { TopicDefinition } from "../../core/contracts/topics.ts"

export interface ProvisionDeps {
  readonly owner: ClientConfig & { readonly database: string }
  readonly logins: readonly RoleLogin[]
  /** Acts as flash_provisioner; its login may be among those made here. */
  readonly provisionerPool: () => Promise<Pool>
  readonly admin: Admin
  readonly topics: readonly TopicDefinition[]
  /** The generation of the requests among them. */
  readonly generation: number
}

/**
 * Brings the databases and the log to what this version of the functions needs: schema, logins, watermarks. Each step finds what
 * exists and may run again, so that an interrupted deployment is simply repeated.
 * @returns the migrations and definitions applied now
 * @throws Error when the generation of the requests may not begin: the deployment ends before traffic shifts
 */
export async function provision({
  owner,
  logins,
  provisionerPool,
  admin,
  topics,
  generation,
}: ProvisionDeps): Promise<AppliedSchema> {
  const applied = await migrate(owner)
  await asOwner(owner, async (client) => {
    for (const login of logins) await ensureLogin(client, login)
  })
  await provisionWarmUpDatabase((database) => ({ ...owner, database }), owner.database)
  const pool = await provisionerPool()
  try {
    await requireGeneration(pool, generation)
    await admin.connect()
    await watermarkUnusedPartitions(admin, pool, topics)
  } finally {
    await Promise.all([pool.end(), admin.disconnect()])
  }
  return applied
}

async function asOwner(owner: ClientConfig, work: (client: ClientBase) => Promise<void>): Promise<void> {
  const client = new PostgresClient(owner)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
