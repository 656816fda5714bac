import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Redis } from "ioredis"
import { Client } from "pg"
import { expect, inject, test } from "vitest"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { topics } from "../../core/contracts/topics.ts"
import { provisionLog } from "../../local/provision.ts"
import { postgresPart } from "../../local/services/postgres.ts"
import { serverTools } from "../../local/services/tools.ts"
import { freshDatabase } from "../services/database.ts"
import { privatePostgres, privateRedis } from "../services/private.ts"
import { privateFolder } from "../services/private-folder.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics } from "../services/topics.ts"

async function query(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  client.on("error", () => {})
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const statement of statements) rows = (await client.query(statement)).rows
    return rows
  } finally {
    await client.end()
  }
}

test("the functions' login has no rights until it takes a role, and no role may change the ledger", async () => {
  const database = await freshDatabase()
  await expect(query(database.url, "SELECT FROM inventory")).rejects.toThrow(/permission denied/)
  expect(await query(database.url, "SET ROLE flash_reader", "SELECT FROM inventory")).toEqual([])
  const roles = await query(database.superuserUrl, "SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'flash\\_%'")
  for (const { name } of roles) {
    await expect(query(database.url, `SET ROLE ${name}`, "UPDATE ledger SET at = now()")).rejects.toThrow(/permission denied/)
    await expect(query(database.url, `SET ROLE ${name}`, "DELETE FROM ledger")).rejects.toThrow(/permission denied/)
  }
  await database.drop()
})

test("the server is the PostgreSQL that the bootstrap chose", async () => {
  const database = await freshDatabase()
  const [row] = await query(database.superuserUrl, "SHOW server_version")
  const printed = execFileSync(join(serverTools().postgresBin, "postgres"), ["--version"], { encoding: "utf8" })
  expect(printed).toContain(`(PostgreSQL) ${row?.server_version}`)
  await database.drop()
})

test("data of another major version of PostgreSQL are refused, with what to do", async () => {
  const folder = privateFolder()
  mkdirSync(folder.path("postgres"))
  writeFileSync(folder.path("postgres", "PG_VERSION"), "9\n")
  const options = { name: "postgres", port: 1, ownerPassword: "secret", fsync: true }
  await expect(postgresPart(folder, serverTools(), options).prepare?.()).rejects.toThrow(
    /PostgreSQL 9 wrote .*cannot read it.*npm run clean.*FLASH_SALE_POSTGRES=installed/,
  )
})

test("a topic gets its watermarks when it is created and never again", async () => {
  const database = await freshDatabase()
  const { requests } = await freshTopics({ databaseUrl: database.url, partitions: 3 })
  const watermarks = () =>
    query(database.superuserUrl, "SELECT partition, next_offset FROM partition_progress ORDER BY partition")
  expect(await watermarks()).toEqual([0, 1, 2].map((partition) => ({ partition, next_offset: "0" })))

  await query(database.superuserUrl, "DELETE FROM partition_progress WHERE partition = 1")
  const definitions = [{ ...topics.reservationRequests, name: requests, partitions: 3 }]
  const { kafkaBrokers } = inject("services")
  expect(await provisionLog({ databaseUrl: database.url, brokers: kafkaBrokers, definitions })).toEqual([])
  expect(await watermarks()).toHaveLength(2)

  await query(database.superuserUrl, "UPDATE partition_progress SET next_offset = 7 WHERE partition = 0")
  await withAdmin(kafkaClient(kafkaBrokers.split(","), "test"), (admin) => admin.deleteTopics({ topics: [requests] }))
  expect(await provisionLog({ databaseUrl: database.url, brokers: kafkaBrokers, definitions })).toEqual([requests])
  expect(await watermarks()).toEqual([
    { partition: 0, next_offset: "7" },
    { partition: 1, next_offset: "0" },
    { partition: 2, next_offset: "0" },
  ])
  await database.drop()
})

test("two Redis databases do not see each other", async () => {
  const [one, other] = [new Redis(await freshRedis()), new Redis(await freshRedis())]
  await one.set("key", "value")
  expect(await other.get("key")).toBeNull()
  one.disconnect()
  other.disconnect()
})

test("a private PostgreSQL keeps its commits over a kill -9", async () => {
  const postgres = await privatePostgres()
  await query(postgres.superuserUrl, "INSERT INTO partition_progress VALUES ('topic', 0, 1)")
  await postgres.kill()
  await expect(query(postgres.superuserUrl, "SELECT 1")).rejects.toThrow(/ECONNREFUSED/)
  await postgres.start()
  expect(await query(postgres.superuserUrl, "SELECT topic FROM partition_progress")).toEqual([{ topic: "topic" }])
  await postgres.stop()
})

test("a private Redis loses everything over a kill -9", async () => {
  const server = await privateRedis()
  const redis = new Redis(server.url)
  redis.on("error", () => {})
  await redis.set("key", "value")
  await server.kill()
  await server.start()
  expect(await redis.get("key")).toBeNull()
  redis.disconnect()
  await server.stop()
})
