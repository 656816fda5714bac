import { randomUUID } from "node:crypto"
import type { PoolClient } from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { outcomeCodes } from "../../core/domain/reservation.ts"
import { conditional } from "../../loadtest/baselines/conditional.ts"
import type { Method } from "../../loadtest/baselines/method.ts"
import { optimistic } from "../../loadtest/baselines/optimistic.ts"
import { rowLock } from "../../loadtest/baselines/row-lock.ts"
import { rowLockCall } from "../../loadtest/baselines/row-lock-call.ts"
import schema from "../../loadtest/baselines/schema.sql"
import { baselinePool, sqlContestant } from "../../loadtest/baselines/sql-contestant.ts"
import { type BenchDatabase, type Cluster, startCluster } from "../../loadtest/measure/cluster.ts"
import { BenchFailed } from "../../loadtest/measure/failed.ts"
import { createMeter } from "../../loadtest/measure/meter.ts"
import { Run } from "../../loadtest/measure/result.ts"
import { countRoundTrips } from "../../loadtest/measure/round-trips.ts"
import { writerContestant } from "../../loadtest/writer/contestant.ts"
import { createFeed, sales } from "../../loadtest/writer/feed.ts"
import { possibleBatches, realWriter } from "../../loadtest/writer/real-writer.ts"
import { runBench } from "../../loadtest/writer/run.ts"

const batch = Math.min(...possibleBatches)
const tiny = { seconds: 0.05, rounds: 2, quick: true, prewarmMb: 8, at: new Date(), progress: () => {} }

test("a tiny run on a cluster of its own keeps every invariant and writes results that match the schema", async () => {
  const contestants = [
    writerContestant("mixed", batch, { requests: 1_000 }),
    writerContestant("ten-skus", batch, { requests: 1_000, projected: true }),
    sqlContestant("row-lock", rowLock, "all-accepted", 2),
  ]
  const run = Run.parse(await runBench({ ...tiny, contestants }))
  expect(run.machine.postgres_settings).toMatchObject({ fsync: "on", synchronous_commit: "on", full_page_writes: "on" })
  expect(run.results.map(({ name }) => name)).toEqual(["writer", "writer-projected", "row-lock"])
  const locked = run.results.at(-1)
  // The lock takes two round trips a request.
  expect(locked?.round_trips).toBeCloseTo(2, 1)
  for (const { rounds_per_second, wal_bytes } of run.results) {
    expect(rounds_per_second).toHaveLength(2)
    expect(wal_bytes).toBeGreaterThan(50)
  }
}, 120_000)

describe("on a cluster of its own", () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster(0)
  }, 60_000)
  afterAll(() => cluster.close())

  test("the benchmark fails when a decision is missing or an invariant is broken", async () => {
    const database = await cluster.database()
    const projection = { project: () => Promise.resolve() }
    const writer = await realWriter({ database, roundTrips: countRoundTrips(), projection, onTransaction: () => {} })
    const sku = await writer.openSku(100)
    const feed = createFeed(1)
    await writer.write(feed.records({ ...sales["all-accepted"], requests: 300 }, [sku]), batch)
    await writer.verify(feed.distinct)
    await expect(writer.verify(feed.distinct + 1)).rejects.toThrow(BenchFailed)
    await database.superuser.query("UPDATE user_holdings SET units = 0")
    await expect(writer.verify(feed.distinct)).rejects.toThrow("holdings")
    await writer.close()
    await database.drop()
  })

  test("a meter counts the round trips, the WAL and the processor time of a timed call", async () => {
    const meter = createMeter()
    await writerContestant("all-accepted", batch, { requests: 2_000 }).play(
      { cluster, kafka: () => Promise.reject(new Error("not needed")), restKafka: async () => {} },
      meter,
      0.01,
    )
    const { decisions, roundTrips, walBytes, clientCpuUs } = meter.measured
    const batches = decisions / batch
    // Two batches may be sent at once, and the ordinary path takes two trips.
    expect(roundTrips).toBeGreaterThanOrEqual(batches / 2)
    expect(roundTrips).toBeLessThanOrEqual(2 * batches)
    expect(walBytes / decisions).toBeGreaterThan(100)
    expect(clientCpuUs).toBeGreaterThan(0)
  })

  describe.each<[string, Method]>([
    ["row-lock", rowLock],
    ["row-lock-call", rowLockCall],
    ["optimistic", optimistic],
    ["conditional", conditional],
  ])("%s", (_, method) => {
    let database: BenchDatabase
    let clients: PoolClient[]
    const skuNo = 1
    const connections = 8
    beforeAll(async () => {
      database = await cluster.database(schema)
      await database.superuser.query("INSERT INTO inventory (sku_no, total_stock) VALUES ($1, 5)", [skuNo])
      const pool = baselinePool(database.url, connections)
      clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
    })
    afterAll(async () => {
      for (const client of clients) client.release(true)
      await database.drop()
    })
    const outcomes = async (requests: readonly { id: string; userId: string }[]) => {
      const decisions = await Promise.all(
        requests.map(({ id, userId }, index) => method(clients[index % connections] as PoolClient, { id, userId, skuNo })),
      )
      return decisions.map(({ outcome }) => outcome).sort((a, b) => a - b)
    }

    test("decides a request once, gives a user one unit, and never oversells, under concurrent requests", async () => {
      const repeated = { id: randomUUID(), userId: randomUUID() }
      expect(await outcomes(Array.from({ length: connections }, () => repeated))).toEqual(
        Array.from({ length: connections }, () => outcomeCodes.reserved),
      )
      const greedy = randomUUID()
      expect(await outcomes(Array.from({ length: connections }, () => ({ id: randomUUID(), userId: greedy })))).toEqual([
        outcomeCodes.reserved,
        ...Array.from({ length: connections - 1 }, () => outcomeCodes["user-limit-reached"]),
      ])
      expect(await outcomes(Array.from({ length: connections }, () => ({ id: randomUUID(), userId: randomUUID() })))).toEqual([
        ...[1, 2, 3].map(() => outcomeCodes.reserved),
        ...Array.from({ length: connections - 3 }, () => outcomeCodes["sold-out"]),
      ])
      const { rows } = await database.superuser.query("SELECT reserved_count FROM inventory")
      expect(rows).toEqual([{ reserved_count: 5 }])
    })
  })
})
