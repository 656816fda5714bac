import { Pool } from "pg"
import { expect } from "vitest"
import { createSku } from "../../core/adapters/postgres/admin-skus.ts"
import { checkInvariants, checkTimeoutMs } from "../../core/adapters/postgres/invariants.ts"
import { createOptimisticWriter } from "../../core/adapters/postgres/optimistic-writer.ts"
import { createTransactor, type TransactorOptions } from "../../core/adapters/postgres/transaction.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { createProjection } from "../../core/adapters/redis/projection.ts"
import { CreateSkuBody } from "../../core/contracts/http/admin.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { createApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import { createWriter } from "../../lambdas/batch-writer/workflow.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { freshRedis } from "../services/redis.ts"

export const requestsTopic = "reservation-requests"

/**
 * A database of its own with the real writer and commands on it; records go to the writer as a delivery would bring them.
 * @param own a database on a server of its own, for a test that changes the server; `close` drops it
 */
export async function givenDatabase(own?: TestDatabase) {
  const database = own ?? (await freshDatabase())
  const redisUrl = await freshRedis()
  process.env.DATABASE_URL = database.url
  const admin = await postgresPool({ role: "admin", size: 2 })
  const checks = await postgresPool({ role: "reader", size: 1, queryTimeoutMs: checkTimeoutMs })
  const superuser = new Pool({ connectionString: database.superuserUrl, max: 4 })
  const transition = await postgresPool({ role: "transition", size: 8, pipeline: true })
  // Statements are prepared under their names: planted ones need connections of their own.
  const plantedTransition = await postgresPool({ role: "transition", size: 4, pipeline: true })
  superuser.on("error", () => {})
  const redis = redisClient(redisUrl)
  const projection = createProjection(redis)
  await firstContact(redis)
  await superuser.query("INSERT INTO partition_progress SELECT $1, n, 0 FROM generate_series(0, 9) n ON CONFLICT DO NOTHING", [
    requestsTopic,
  ])

  const ends: number[] = []
  let skus = 0

  /** The real writer and commands, or ones with a fault planted through the options of the transactor. */
  function parts(planted: Omit<TransactorOptions, "pool"> = {}) {
    const pool = planted.statements ? plantedTransition : transition
    const deps = { pool, projection, transact: createTransactor({ pool, ...planted }) }
    const writer = createWriter({ ...deps, optimisticWriter: () => createOptimisticWriter({ pool, ...planted }) })
    return { transact: deps.transact, writer, applyCommand: createApplyCommand(deps) }
  }

  return {
    redis,
    redisUrl,
    projection,
    superuser,
    transition,
    reader: checks,
    parts,

    /** A SKU with an open sale. */
    async sku(definition: Partial<CreateSkuBody> & { total_stock: number; status?: "draft" | "open" | "closed" }) {
      const { status = "open", ...rest } = definition
      skus += 1
      const sku = CreateSkuBody.parse({ sku_id: `sku-${skus}`, name: "A thing", price_minor: 500, currency: "EUR", ...rest })
      const skuNo = await createSku(admin, sku, requestsTopic)
      if (skuNo === undefined) throw new Error("The SKU exists already")
      const { applyCommand } = parts()
      if (status !== "draft") await applyCommand(skuNo, { kind: "open", skuNo })
      if (status === "closed") await applyCommand(skuNo, { kind: "close", skuNo })
      const { rows } = await superuser.query<{ partition: number }>("SELECT partition FROM inventory WHERE sku_no = $1", [skuNo])
      return { skuNo, skuId: sku.sku_id, partition: rows[0]?.partition ?? 0 }
    },

    recordAt,

    /** Puts records at the end of a partition, and returns them as they are delivered. */
    append(partition: number, records: readonly { key: string; value: Buffer | null }[]): MskRecord[] {
      return records.map((record) => {
        const offset = ends[partition] ?? 0
        ends[partition] = offset + 1
        return recordAt(partition, offset, record)
      })
    },

    /** State and outcome of reservations by id, as the superuser sees them. */
    async rows(ids: readonly string[]) {
      const { rows } = await superuser.query<{ id: string; outcome: number; state: number; expires_at: Date | null }>(
        "SELECT id, outcome, state, expires_at FROM reservations WHERE id = ANY($1::uuid[])",
        [ids],
      )
      return new Map(rows.map((row) => [row.id, row]))
    },

    async inventory(skuNo: number) {
      const { rows } = await superuser.query("SELECT * FROM inventory WHERE sku_no = $1", [skuNo])
      return rows[0]
    },

    /** Moves the data's clock: every hold of the SKU ended `seconds` ago. */
    async endHolds(skuNo: number, seconds = 1) {
      await superuser.query(
        // Under the lock of the SKU, like every change of a reservation: a sweep may be deciding which of its holds ended.
        `WITH locked AS (SELECT sku_no FROM inventory WHERE sku_no = $1 FOR UPDATE)
         UPDATE reservations r SET expires_at = clock_timestamp() - make_interval(secs => $2)
           FROM locked WHERE r.sku_no = locked.sku_no AND r.state = 1`,
        [skuNo, seconds],
      )
    },

    /** The end of every test: all invariants hold. */
    async expectInvariants() {
      const { checks: results } = await checkInvariants(checks)
      expect(results.filter(({ ok }) => !ok)).toEqual([])
    },

    async close() {
      redis.disconnect()
      await Promise.all([admin.end(), checks.end(), superuser.end(), transition.end(), plantedTransition.end()])
      await database.drop()
    },
  }
}

/** A record as it is delivered from an offset of its partition. */
const recordAt = (partition: number, offset: number, { key, value }: { key: string; value: Buffer | null }): MskRecord => ({
  topic: requestsTopic,
  partition,
  offset,
  timestamp: 0,
  timestampType: "CREATE_TIME",
  key: Buffer.from(key).toString("base64"),
  value: value?.toString("base64") ?? null,
  headers: [],
})

export type GivenDatabase = Awaited<ReturnType<typeof givenDatabase>>

/** Writing without a deadline: tests of outages set one of their own. */
export const longTimeLeftMs = () => 60_000
