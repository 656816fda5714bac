import type { Pool } from "pg"
import { createSku } from "../../core/adapters/postgres/admin-skus.ts"
import { checkInvariants } from "../../core/adapters/postgres/invariants.ts"
import { createOptimisticWriter, type OptimisticWriter } from "../../core/adapters/postgres/optimistic-writer.ts"
import { createTransactor, type Transact } from "../../core/adapters/postgres/transaction.ts"
import type { Projection } from "../../core/adapters/redis/projection.ts"
import { CreateSkuBody } from "../../core/contracts/http/admin.ts"
import type { MskRecord } from "../../core/contracts/msk-event.ts"
import { postgresPool } from "../../core/runtime/postgres.ts"
import { createApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import { createWriter } from "../../lambdas/batch-writer/workflow.ts"
import type { BenchDatabase } from "../measure/cluster.ts"
import { BenchFailed } from "../measure/failed.ts"
import type { RoundTrips } from "../measure/round-trips.ts"
import { type OpenSku, topic } from "./feed.ts"

/** The transactions that are measured. */
export const possibleBatches: readonly number[] = [250, 1_000, 2_000]

/** The longest hold that the API allows: no hold ends during a measurement. */
const holdSeconds = 3_600
const adminConnections = 1
const writerConnections = 2
const timeLeftMs = () => 60_000
/** The event source's BatchSize: the records of one invocation under a backlog. */
const deliveryRecords = 2_000

export interface RealWriter {
  /** Puts units on sale. */
  openSku(stock: number): Promise<OpenSku>
  /**
   * Decides records of partition 0, delivered as the event source does under a backlog, in transactions of `batch` records.
   *
   * @throws BenchFailed when it stops before the end
   */
  write(records: readonly MskRecord[], batch: number): Promise<void>
  /** @throws BenchFailed when an invariant is violated, or the number of decisions differs */
  verify(decisions: number): Promise<void>
  close(): Promise<void>
}

/**
 * @param latencyMs from the first statement of a transaction to its last answer; with two in flight it includes the end of the
 * previous one
 * @param serviceMs the part of it after the end of the previous transaction
 */
export type OnTransaction = (latencyMs: number, serviceMs: number) => void

export interface RealWriterOptions {
  readonly database: BenchDatabase
  readonly roundTrips: RoundTrips
  readonly projection: Projection
  /** Called after every committed transaction of the writer. */
  readonly onTransaction: OnTransaction
}

/**
 * The workflow of the batch-writer on its own database, as the Lambda handler builds it, with PostgreSQL's role and session
 * settings. No other file of the benchmark knows how the writer is built and called.
 */
export async function realWriter({ database, roundTrips, projection, onTransaction }: RealWriterOptions): Promise<RealWriter> {
  process.env.DATABASE_URL = database.url
  const admin = await postgresPool({ role: "admin", size: adminConnections })
  const pool = await postgresPool({ role: "transition", size: writerConnections, pipeline: true })
  roundTrips.watch(pool)
  const transact = createTransactor({ pool })
  const applyCommand = createApplyCommand({ pool, projection, transact })
  const stopwatch = transactionStopwatch(onTransaction)
  const optimisticWriter = () => measuredOptimistic(createOptimisticWriter({ pool }), stopwatch)
  const writerOf = (batchRecords: number) =>
    createWriter({ pool, projection, transact: measured(transact, stopwatch), optimisticWriter, batchRecords })
  const writers = new Map(possibleBatches.map((batch) => [batch, writerOf(batch)]))
  await database.superuser.query("INSERT INTO partition_progress VALUES ($1, 0, 0)", [topic])
  let skus = 0
  return {
    async openSku(stock) {
      skus += 1
      const skuId = `bench-${skus}`
      const definition = { sku_id: skuId, name: skuId, price_minor: 500, currency: "EUR", total_stock: stock }
      const skuNo = await createSku(admin, CreateSkuBody.parse({ ...definition, hold_seconds: holdSeconds }), topic)
      if (skuNo === undefined) throw new BenchFailed(`${skuId} exists already`)
      await applyCommand(skuNo, { kind: "open", skuNo })
      return { skuNo, skuId }
    },
    async write(records, batch) {
      const writer = writers.get(batch)
      if (writer === undefined) throw new BenchFailed(`No writer takes ${batch} records; allowed: ${possibleBatches.join(", ")}`)
      for (let from = 0; from < records.length; from += deliveryRecords) {
        const delivery = records.slice(from, from + deliveryRecords)
        const result = await writer.write(topic, 0, delivery, timeLeftMs)
        if (result.kind === "stopped")
          throw new BenchFailed(`The writer stopped at ${result.firstUnprocessed}`, { cause: result.error })
      }
    },
    verify: (decisions) => verify(database.superuser, decisions),
    close: async () => void (await Promise.all([admin.end(), pool.end()])),
  }
}

/** Starts to measure a transaction. @returns a function that ends the measurement */
type Stopwatch = () => () => void

/** Transactions of one partition commit in the order in which they were sent. */
function transactionStopwatch(onTransaction: OnTransaction): Stopwatch {
  let lastCommitMs = 0
  return () => {
    const sentMs = performance.now()
    return () => {
      const committedMs = performance.now()
      onTransaction(committedMs - sentMs, committedMs - Math.max(sentMs, lastCommitMs))
      lastCommitMs = committedMs
    }
  }
}

const measured =
  (transact: Transact, stopwatch: Stopwatch): Transact =>
  async (scope, plan, connection) => {
    const committedNow = stopwatch()
    const committed = await transact(scope, plan, connection)
    committedNow()
    return committed
  }

const measuredOptimistic = (writer: OptimisticWriter, stopwatch: Stopwatch): OptimisticWriter => ({
  remember: writer.remember,
  attempt(scope, plan) {
    const committedNow = stopwatch()
    const attempt = writer.attempt(scope, plan)
    attempt?.then(committedNow, () => {})
    return attempt
  },
})

async function verify(superuser: Pool, decisions: number): Promise<void> {
  const { checks } = await checkInvariants(superuser)
  const broken = checks.filter(({ ok }) => !ok).map(({ name, violations }) => `${name}: ${violations[0]}`)
  if (broken.length > 0) throw new BenchFailed(`Invariants are violated: ${broken.join("; ")}`)
  const { rows } = await superuser.query<{ count: number }>("SELECT count(*)::int AS count FROM reservations")
  const found = rows[0]?.count
  if (found !== decisions) throw new BenchFailed(`${found} decisions for ${decisions} distinct requests`)
}
