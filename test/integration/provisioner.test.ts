import { randomUUID } from "node:crypto"
import { readdirSync } from "node:fs"
import { Client } from "pg"
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createTopics } from "../../core/adapters/kafka/create-topics.ts"
import { migrations } from "../../core/adapters/postgres/migrations.ts"
import { databaseRoles, databaseSecretVariable } from "../../core/contracts/environment.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { postgresUrl } from "../../local/services/data-services.ts"
import { runStatements } from "../../local/services/database.ts"
import { ownerLogin } from "../../local/services/postgres.ts"
import { type SecretsServer, secretsServer } from "../services/secrets-manager.ts"

/** An empty database, its owner, and the secrets of a stage that was never deployed. */
const suffix = randomUUID().slice(0, 8)
const dbname = `stage_${suffix}`
const requests = `reservation-requests-${suffix}`
const userOf = (role: string) => `login_${role}_${suffix}`
const maintenanceUrl = () =>
  postgresUrl(ownerLogin, inject("services").ownerPassword, inject("services").postgresPort, "postgres")
const arnOf = (login: string) => `arn:aws:secretsmanager:eu-central-1:111111111111:secret:${login}-${suffix}`
const secretOf = (username: string, password: string) =>
  JSON.stringify({ username, password, host: "127.0.0.1", port: inject("services").postgresPort, dbname, sslmode: "disable" })

let secrets: SecretsServer
let provision: () => Promise<{ Data?: Readonly<Record<string, string>> }>

beforeAll(async () => {
  await runStatements(maintenanceUrl(), `CREATE DATABASE ${dbname}`)
  secrets = await secretsServer()
  secrets.put(arnOf("owner"), secretOf(ownerLogin, inject("services").ownerPassword))
  process.env[databaseSecretVariable("owner")] = arnOf("owner")
  for (const role of databaseRoles) {
    secrets.put(arnOf(role), secretOf(userOf(role), `password of ${role}'s login`))
    process.env[databaseSecretVariable(role)] = arnOf(role)
  }
  process.env.KAFKA_BROKERS = inject("services").kafkaBrokers
  process.env.REQUESTS_TOPIC = requests
  const { handler } = await import("../../lambdas/provisioner/handler.ts")
  provision = () => handler({ RequestType: "Create", ResourceProperties: {} })
})
afterAll(async () => {
  await secrets.close()
  const drops = databaseRoles.map((role) => `DROP ROLE IF EXISTS ${userOf(role)}`)
  await runStatements(maintenanceUrl(), `DROP DATABASE ${dbname} WITH (FORCE)`, ...drops)
})

async function asOwner<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
  const { ownerPassword, postgresPort } = inject("services")
  const client = new Client(postgresUrl(ownerLogin, ownerPassword, postgresPort, dbname))
  await client.connect()
  try {
    return (await client.query<T>(sql, values)).rows
  } finally {
    await client.end()
  }
}

const watermarks = async () =>
  (await asOwner<{ partition: number }>("SELECT partition FROM partition_progress WHERE topic = $1 ORDER BY 1", [requests])).map(
    ({ partition }) => partition,
  )

/** Runs a statement as a function with the role's secret. */
async function as(role: (typeof databaseRoles)[number], sql: string): Promise<unknown[]> {
  const pool = await postgresPool({ role, size: 1 })
  try {
    return (await pool.query(sql)).rows
  } finally {
    await pool.end()
  }
}

test("every migration of the folder is in the bundle", () => {
  expect(Object.keys(migrations)).toEqual(readdirSync("core/database/migrations").sort())
})

describe("a first deployment", () => {
  test("brings an empty database to the newest schema", async () => {
    const { Data } = await provision()
    expect(Data?.AppliedMigrations?.split(",")).toEqual(Object.keys(migrations).map((name) => name.replace(".sql", "")))
  })
  test("gives each role one login that is a member of this role only", async () => {
    const rows = await asOwner(
      `SELECT member.rolname AS login, granted.rolname AS role FROM pg_auth_members m
         JOIN pg_roles member ON member.oid = m.member JOIN pg_roles granted ON granted.oid = m.roleid
        WHERE member.rolname LIKE $1 ORDER BY 1`,
      [`login\\_%\\_${suffix}`],
    )
    expect(rows).toEqual([...databaseRoles].sort().map((role) => ({ login: userOf(role), role: `flash_${role}` })))
  })
  test.each(databaseRoles)("lets functions act as %s with its secret, within its limits", async (role) => {
    const [row] = await as(
      role,
      "SELECT session_user, current_user, current_setting('idle_in_transaction_session_timeout') AS idle",
    )
    expect(row).toEqual({ session_user: userOf(role), current_user: `flash_${role}`, idle: "4s" })
  })
  test.each([
    ["reader", "UPDATE inventory SET total_stock = 1"],
    ["checkout", "DELETE FROM ledger"],
    ["relay", "SET ROLE flash_transition"],
    ["transition", "SET ROLE flash_admin"],
  ] as const)("does not let %s do what is another's: %s", async (role, sql) => {
    await expect(as(role, sql)).rejects.toThrow("permission denied")
  })
  test("writes the watermarks of a topic that does not exist yet", async () => {
    expect(await watermarks()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
})

describe("a further deployment", () => {
  test("finds everything in place", async () => {
    expect((await provision()).Data).toEqual({ AppliedMigrations: "", AppliedDefinitions: "" })
  })
  test("writes a watermark only for partitions that never held a record", async () => {
    const kafka = kafkaClient([inject("services").kafkaBrokers], "provisioner-test")
    const admin = kafka.admin()
    const producer = kafka.producer()
    await Promise.all([admin.connect(), producer.connect()])
    await createTopics(admin, [{ topic: requests, numPartitions: 11 }])
    await producer.send({ topic: requests, messages: [{ partition: 3, value: "a request" }] })
    await Promise.all([admin.disconnect(), producer.disconnect()])
    await asOwner("DELETE FROM partition_progress WHERE partition IN (3, 4)")
    await provision()
    expect(await watermarks()).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9, 10])
  })
  test("revokes a right that was granted to a login by hand", async () => {
    await asOwner(`GRANT flash_admin TO ${userOf("reader")}`)
    await provision()
    await expect(as("reader", "SET ROLE flash_admin")).rejects.toThrow("permission denied")
  })
})

test("a pool works across a rotation that alternates between two users", async () => {
  const clone = `${userOf("reader")}_clone`
  const pool = await postgresPool({ role: "reader", size: 1 })
  const user = async () => (await pool.query<{ session_user: string }>("SELECT session_user")).rows[0]?.session_user
  /** Ends the connection: the next query makes a new one. */
  const disconnect = async () => (await pool.connect()).release(true)
  try {
    expect(await user()).toBe(userOf("reader"))
    await asOwner(`CREATE ROLE ${clone} LOGIN PASSWORD 'rotated'`)
    await asOwner(`GRANT ${userOf("reader")} TO ${clone}`)
    secrets.put(arnOf("reader"), secretOf(clone, "rotated"))
    await disconnect()
    expect(await user()).toBe(userOf("reader"))
    vi.useFakeTimers({ toFake: ["Date"] })
    vi.setSystemTime(Date.now() + 61_000)
    await expect.poll(async () => disconnect().then(user)).toBe(clone)
  } finally {
    vi.useRealTimers()
    await pool.end()
    await asOwner(`DROP ROLE IF EXISTS ${clone}`)
  }
})
