import { Redis } from "ioredis"
import { Pool } from "pg"
import { inject } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { provisionTopics } from "../../core/adapters/kafka/provision.ts"
import { provisionWarmUpDatabase } from "../../core/adapters/postgres/warm-up-database.ts"
import { warmUpDatabaseOf } from "../../core/contracts/environment.ts"
import { warmUpTopic } from "../../core/contracts/topics.ts"
import { runStatements } from "../../local/services/database.ts"
import type { TestDatabase } from "./database.ts"
import { freshRedis } from "./redis.ts"

/** What a process uses for its warm-up, beside a test's own stores. */
export interface WarmUpStores {
  /** Variables of the environment that lead a process there. */
  readonly variables: Readonly<Record<string, string>>
  /** What a warm-up has left behind: rows by table, and keys of Redis. */
  remains(): Promise<Record<string, number>>
  drop(): Promise<void>
}

/** Rows that the warm-up database has from the start. */
const provisioned = new Set(["migrations", "applied_definitions", "server_life"])

export async function givenWarmUpStores(database: TestDatabase): Promise<WarmUpStores> {
  const url = new URL(database.superuserUrl)
  const name = url.pathname.slice(1)
  const inDatabase = (other: string) => Object.assign(new URL(url), { pathname: `/${other}` }).href
  await provisionWarmUpDatabase(inDatabase, name)
  const pool = new Pool({ connectionString: inDatabase(warmUpDatabaseOf(name)), max: 1 })
  const redisUrl = await freshRedis()
  const redis = new Redis(redisUrl)
  const kafka = kafkaClient([inject("services").kafkaBrokers], "warm-up-test")
  await provisionTopics({ kafka, pool, definitions: [warmUpTopic] })
  return {
    variables: { WARM_UP: "on", WARM_UP_REDIS_DATABASE: new URL(redisUrl).pathname.slice(1) },
    async remains() {
      const { rows } = await pool.query<{ table: string; rows: number }>(
        `SELECT table_name AS table, (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I', table_name),
                false, true, '')))[1]::text::int AS rows
           FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
      )
      const left = rows.filter((each) => each.rows > 0 && !provisioned.has(each.table)).map((each) => [each.table, each.rows])
      const keys = await redis.dbsize()
      return { ...Object.fromEntries(left), ...(keys > 0 && { keys }) }
    },
    async drop() {
      redis.disconnect()
      await pool.end()
      await runStatements(inDatabase("postgres"), `DROP DATABASE ${warmUpDatabaseOf(name)} WITH (FORCE)`)
    },
  }
}
