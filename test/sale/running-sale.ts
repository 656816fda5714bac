import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { Pool } from "pg"
import { expect, inject } from "vitest"
import { createSku } from "../../core/adapters/postgres/admin-skus.ts"
import { checkInvariants, checkTimeoutMs } from "../../core/adapters/postgres/invariants.ts"
import { createTransactor } from "../../core/adapters/postgres/transaction.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { createProjection } from "../../core/adapters/redis/projection.ts"
import { decodeEvent } from "../../core/contracts/events.ts"
import { CreateSkuBody } from "../../core/contracts/http/admin.ts"
import type { Reservation } from "../../core/contracts/http/reservations.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { createApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import type { TokenRequest } from "../../local/identity/issuer.ts"
import { freshDatabase } from "../services/database.ts"
import { handlerEnvironment } from "../services/environment.ts"
import { type StartedPart, startPart } from "../services/parts.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics } from "../services/topics.ts"
import { readTopic } from "./topic-records.ts"

const pollMs = 20
/** The output of a command. */
const maxOutputBytes = 16 * 1_024 * 1_024

/** Waits until `condition` returns a value. The timeout of the test bounds it. */
export async function until<T>(condition: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (;;) {
    const found = await condition()
    if (found !== undefined && found !== false) return found
    await delay(pollMs)
  }
}

/** Runs the CLI as a process of its own. */
export function runOps(args: readonly string[], env: Readonly<Record<string, string>>) {
  return new Promise<{ exitCode: number; output: string }>((resolve) => {
    const options = { cwd: root, maxBuffer: maxOutputBytes, env: { PATH: process.env.PATH, ...env } }
    execFile(
      process.execPath,
      ["--import", "./local/text-modules.mjs", "ops/main.ts", ...args],
      options,
      (error, stdout, stderr) => resolve({ exitCode: error ? Number(error.code) : 0, output: stdout + stderr }),
    )
  })
}

const root = fileURLToPath(new URL("../..", import.meta.url))

export interface Answer {
  readonly status: number
  readonly body: Reservation & { readonly type?: string }
}

/** A sale run by real processes, on topics and a database of its own (or on servers that the test may kill). */
export async function runningSale(
  options: { databaseUrl?: string; superuserUrl?: string; redisUrl?: string; kafkaBrokers?: string; paymentApiUrl?: string } = {},
) {
  const database =
    options.databaseUrl && options.superuserUrl
      ? { url: options.databaseUrl, superuserUrl: options.superuserUrl, drop: async () => {} }
      : await freshDatabase()
  const broker = options.kafkaBrokers === undefined ? {} : { kafkaBrokers: options.kafkaBrokers }
  const topics = await freshTopics({ databaseUrl: database.url, partitions: 2, ...broker })
  const redisUrl = options.redisUrl ?? (await freshRedis())
  const environment = await handlerEnvironment({
    ...{ databaseUrl: database.url, redisUrl, topics, ...broker },
    ...(options.paymentApiUrl !== undefined && { paymentApiUrl: options.paymentApiUrl }),
  })
  const superuser = new Pool({ connectionString: database.superuserUrl, max: 2 })
  superuser.on("error", () => {})
  const checks = await postgresPool({ role: "reader", size: 1, queryTimeoutMs: checkTimeoutMs })
  const admin = await postgresPool({ role: "admin", size: 1 })
  const transition = await postgresPool({ role: "transition", size: 1, pipeline: true })
  const redis = redisClient(redisUrl)
  const applyCommand = createApplyCommand({
    pool: transition,
    projection: createProjection(redis),
    transact: createTransactor({ pool: transition }),
  })
  const group = `writers-${randomUUID().slice(0, 8)}`
  const parts: StartedPart[] = []
  let baseUrl = ""

  async function start(entry: string, more: Record<string, string> = {}): Promise<StartedPart> {
    const part = await startPart(entry, { ...environment.variables, ...more })
    parts.push(part)
    return part
  }

  async function send(method: string, path: string, who: TokenRequest, headers: Record<string, string> = {}, body?: unknown) {
    return fetch(baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${await environment.token(who)}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  async function call<Body = Answer["body"]>(...asked: Parameters<typeof send>): Promise<{ status: number; body: Body }> {
    const response = await send(...asked)
    return { status: response.status, body: (await response.json()) as Body }
  }

  async function recordsPassed(): Promise<number> {
    const { rows } = await superuser.query<{ passed: number }>(
      "SELECT sum(next_offset)::int AS passed FROM partition_progress WHERE topic = $1",
      [topics.requests],
    )
    return rows[0]?.passed ?? 0
  }

  return {
    topics,
    group,
    superuser,
    redis,

    /** A SKU with an open sale. */
    async sku(definition: Partial<CreateSkuBody> & { total_stock: number }) {
      const sku = CreateSkuBody.parse({
        sku_id: `sku-${randomUUID().slice(0, 8)}`,
        name: "A thing",
        price_minor: 500,
        currency: "EUR",
        ...definition,
      })
      const skuNo = (await createSku(admin, sku, topics.requests)) ?? 0
      await applyCommand(skuNo, { kind: "open", skuNo })
      return { skuNo, skuId: sku.sku_id }
    },

    writer: (more: Record<string, string> = {}) =>
      start("local/event-source/main.ts", {
        EVENT_SOURCE: "inventory-batch-writer",
        CONSUMER_GROUP: group,
        SERVICE_NAME: "writer",
        ...more,
      }),
    sweeper: () => start("local/scheduler/main.ts", { SERVICE_NAME: "sweeper" }),

    /** Starts the API; calls go to the one started last. */
    async api(more: Record<string, string> = {}) {
      const part = await start("local/gateway/main.ts", { PORT: "0", SERVICE_NAME: "api", ...more })
      const ready = await until(() =>
        part
          .printed()
          .split("\n")
          .find((line) => line.includes('"ready"')),
      )
      baseUrl = `http://127.0.0.1:${(JSON.parse(ready) as { port: number }).port}`
      return part
    },

    /** The URL of the API that was started last. */
    url: () => baseUrl,
    call,
    /** A call and its whole answer, with headers. */
    send,
    reserve: (
      skuId: string,
      subject: string,
      more: { key?: string; quantity?: number; join_waitlist?: boolean; prefer?: string } = {},
    ) => {
      const { key = `key-of-${skuId}`, prefer, ...body } = more
      return call(
        "POST",
        "/v1/reservations",
        { sub: subject },
        { "idempotency-key": key, ...(prefer && { prefer }) },
        { sku_id: skuId, quantity: 1, ...body },
      )
    },
    get: (path: string, subject: string) => call("GET", path, { sub: subject }),
    /** The seconds after which a shopper should read again. */
    retryAfter: async (path: string, subject: string) => (await send("GET", path, { sub: subject })).headers.get("retry-after"),
    /** A call with the scope of an administrator. */
    steer: <Body = Record<string, unknown>>(method: "GET" | "POST", path: string, body?: unknown) =>
      call<Body>(method, `/v1/admin/${path}`, { sub: "operator", scope: "sales:admin" }, {}, body),
    /** Runs a command of the CLI on this sale, as next to a running local system. */
    ops: (...args: string[]) => runOps(args, environment.variables),

    /** Sets a failpoint: `reached` resolves when a process has stopped there, `release` lets it continue. */
    failpoint(name: string) {
      const file = join(inject("services").stateDir, `failpoint-${randomUUID()}`)
      return {
        variables: { FAILPOINT: name, FAILPOINT_FILE: file },
        reached: () => until(() => existsSync(file) && Number(readFileSync(file, "utf8"))),
        release: () => rmSync(file, { force: true }),
      }
    },

    /** Resolves when every acknowledged record is decided or in quarantine. */
    queueIsDecided: (records: number) => until(async () => (await recordsPassed()) === records),
    /** Resolves when so many records are decided or in quarantine, even if more arrived meanwhile. */
    decidedUpTo: (records: number) => until(async () => (await recordsPassed()) >= records),

    /** Every event of a SKU that was published, in order. */
    async events(skuId: string) {
      const values = await readTopic(topics.events)
      return values
        .map((value) => decodeEvent(value))
        .flatMap((read) => ("event" in read && read.event.sku_id === skuId ? read.event : []))
    },

    /** Outcomes by code, of all reservations. */
    async outcomes(): Promise<Record<number, number>> {
      const { rows } = await superuser.query<{ outcome: number; times: number }>(
        "SELECT outcome, count(*)::int AS times FROM reservations GROUP BY 1",
      )
      return Object.fromEntries(rows.map(({ outcome, times }) => [outcome, times]))
    },

    async expectInvariants() {
      const { checks: results } = await checkInvariants(checks)
      expect(results.filter(({ ok }) => !ok)).toEqual([])
    },

    async close() {
      for (const part of parts) {
        part.signal("SIGCONT")
        part.signal("SIGKILL")
      }
      await Promise.all(parts.map(({ ended }) => ended))
      redis.disconnect()
      await Promise.all([environment.close(), superuser.end(), checks.end(), admin.end(), transition.end()])
      await database.drop()
    },
  }
}

export type RunningSale = Awaited<ReturnType<typeof runningSale>>
