import type { Redis } from "ioredis"
import type { Pool } from "pg"
import { type Catalogue, createCatalogue } from "../adapters/postgres/catalogue.ts"
import { createReservationReads, type ReservationReads } from "../adapters/postgres/reservation-reads.ts"
import { createSkuDirectory } from "../adapters/postgres/sku-directory.ts"
import { createWaitlistReads } from "../adapters/postgres/waitlist-reads.ts"
import { createRedisAdmission, type RedisAdmission } from "../adapters/redis/admission.ts"
import { createRedisGuard, firstContact, type RedisGuard } from "../adapters/redis/guard.ts"
import { createQueueGap, type QueueGap } from "../adapters/redis/queue-gap.ts"
import { createRedisReads, type RedisReads } from "../adapters/redis/reads.ts"
import { createConcurrencyLimit, readTimeoutMs } from "../concurrency/concurrency-limit.ts"
import { createFind, type Find } from "../workflows/reservations/find-reservation.ts"
import type { DocumentDeps } from "../workflows/reservations/reservation-document.ts"
import { functionConfig, postgresEnvironment } from "./environment.ts"
import { type Resources, shareParts } from "./lifecycle.ts"
import { openPool } from "./postgres.ts"
import { receipts } from "./receipts.ts"
import { openRedis } from "./redis.ts"
import { requestsLog } from "./requests-log.ts"

/** The parts of the reading functions. */
export interface ReadParts extends DocumentDeps {
  readonly guard: RedisGuard
  readonly redisReads: RedisReads
  readonly find: Find
  readonly catalogue: Catalogue
}

/** The parts of the reading functions, and what the reserving functions use of the same connections. */
export interface SharedReadParts extends ReadParts {
  readonly pool: Pool
  readonly redis: Redis
  readonly redisAdmission: RedisAdmission
  readonly gap: QueueGap
  readonly reservations: ReservationReads
}

/**
 * One pool of the reader role and one connection to Redis for all functions of a process that read or reserve. They close with
 * the last of these functions. @throws Error that names what the environment lacks
 */
export const openReadParts = shareParts(async (resources): Promise<SharedReadParts> => {
  const log = requestsLog()
  const pool = await openReaderPool(resources)
  const fromRedis = await openRedisParts(resources, log.firstOffset)
  const limit = createConcurrencyLimit()
  const directory = createSkuDirectory(pool, limit)
  const reservations = createReservationReads(pool, limit, log.topics)
  return {
    ...fromRedis,
    pool,
    directory,
    reservations,
    find: createFind({ ...fromRedis, reservations, directory }),
    catalogue: createCatalogue(pool),
    waitlist: createWaitlistReads(pool),
    receipts,
  }
})

const openReaderPool = (resources: Resources) => {
  const { DATABASE_POOL_SIZE } = functionConfig(postgresEnvironment)
  return openPool(resources, { role: "reader", size: DATABASE_POOL_SIZE, queryTimeoutMs: readTimeoutMs, servesRush: true })
}

/**
 * Scripts are defined before the first command: ioredis puts the commands of a tick into one pipeline, and a pipeline that was
 * begun before a script was defined does not know the script, which ends the process.
 */
async function openRedisParts(resources: Resources, firstOffset: number) {
  const redis = await openRedis(resources)
  const redisAdmission = createRedisAdmission(redis, { firstOffset })
  const gap = createQueueGap(redis)
  await firstContact(redis)
  return { redis, redisAdmission, gap, guard: createRedisGuard(redis), redisReads: createRedisReads(redis) }
}
