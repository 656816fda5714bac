import { redisClient } from "../../core/adapters/redis/client.ts"
import { createProjection, type Projection } from "../../core/adapters/redis/projection.ts"
import { pickPort } from "../../local/services/ports.ts"
import { redisPart } from "../../local/services/redis.ts"
import { serverTools } from "../../local/services/tools.ts"
import type { Cluster } from "../measure/cluster.ts"
import type { Contestant } from "../measure/contestant.ts"
import type { ProfileName } from "../measure/result.ts"
import { countRoundTrips } from "../measure/round-trips.ts"
import { createFeed, type Sale, sales } from "./feed.ts"
import oldRows from "./old-rows.sql"
import { realWriter } from "./real-writer.ts"

const warmUpRequests = 10_000
const oldDecisions = 1_000_000
/** Every run repeats the same requests at the same offsets. */
const seed = 1
const redisMemoryMb = 1_024

export interface WriterOptions {
  /** Redis is updated after each commit, as in production. It is not part of the decision. */
  readonly projected?: boolean
  /** Fewer requests of a sale than in the profile, for a test. */
  readonly requests?: number
}

/** The real writer on a profile, with `batch` records a transaction. Decoding is measured, creating the records is not. */
export const writerContestant = (profile: ProfileName, batch: number, options: WriterOptions = {}): Contestant => ({
  name: options.projected ? "writer-projected" : "writer",
  profile,
  batch,
  async play({ cluster }, meter, seconds) {
    const sale: Sale = { ...sales[profile], requests: options.requests ?? sales[profile].requests }
    const redis = options.projected ? await startRedis(cluster) : undefined
    const database = await cluster.database()
    const old = profile === "million-old" ? oldDecisions : 0
    if (old > 0) for (const statement of [oldRows, "VACUUM ANALYZE", "CHECKPOINT"]) await database.superuser.query(statement)
    const roundTrips = countRoundTrips()
    const gauges = { serverPids: database.serverPids, walBytes: database.walBytes, roundTrips }
    let measuring = false
    const writer = await realWriter({
      database,
      roundTrips,
      projection: redis?.projection ?? unprojected,
      onTransaction: (latencyMs, serviceMs) => {
        if (!measuring) return
        meter.latency(latencyMs)
        meter.service(serviceMs)
      },
    })
    const feed = createFeed(seed)
    const recordsOf = async (of: Sale) => {
      const skus = await Promise.all(Array.from({ length: of.skus }, () => writer.openSku(of.stock)))
      return feed.records(of, skus)
    }
    try {
      await writer.write(await recordsOf({ ...sale, requests: Math.min(warmUpRequests, sale.requests) }), batch)
      measuring = true
      while (meter.roundSeconds < seconds) {
        const before = feed.distinct
        const records = await recordsOf(sale)
        await meter.timed(gauges, () => writer.write(records, batch))
        meter.decided(feed.distinct - before)
      }
      await writer.verify(feed.distinct + old)
    } finally {
      await writer.close()
      await redis?.stop()
      await database.drop()
    }
  },
})

/** Projects nothing. */
const unprojected: Projection = { project: () => Promise.resolve() }

async function startRedis(cluster: Cluster) {
  const port = await pickPort(new Set())
  const server = await cluster.start(
    redisPart(cluster.folder, serverTools(), { name: "redis", port, maxMemoryMb: redisMemoryMb, databases: 1 }),
  )
  const redis = redisClient(`redis://127.0.0.1:${port}`)
  await redis.ping().catch(() => {})
  return {
    projection: createProjection(redis),
    async stop() {
      redis.disconnect()
      await server.stop()
    },
  }
}
