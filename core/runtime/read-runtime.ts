import { functionConfig, kafkaEnvironment, postgresEnvironment, redisEnvironment } from "../adapters/config.ts"
import { type Catalogue, createCatalogue } from "../adapters/postgres/catalogue.ts"
import { postgresPool } from "../adapters/postgres/pool.ts"
import { createReservationReads } from "../adapters/postgres/reservation-reads.ts"
import { createSkuDirectory } from "../adapters/postgres/sku-directory.ts"
import { createWaitlistReads } from "../adapters/postgres/waitlist-reads.ts"
import { createRedisAdmission } from "../adapters/redis/admission.ts"
import { redisClient } from "../adapters/redis/client.ts"
import { createRedisGuard, firstContact, type RedisGuard } from "../adapters/redis/guard.ts"
import { createQueueGap } from "../adapters/redis/queue-gap.ts"
import { createRedisReads, type RedisReads } from "../adapters/redis/reads.ts"
import { createConcurrencyLimit, readTimeoutMs } from "../concurrency/concurrency-limit.ts"
import { lazyAsync } from "../concurrency/lazy-async.ts"
import { createFind, type Find } from "../workflows/reservations/find-reservation.ts"
import type { DocumentDeps } from "../workflows/reservations/reservation-document.ts"
import { transitionRuntime } from "./transition-runtime.ts"

/** Cancels are rare, and each waits for the lock of its SKU anyway. */
const settlementPoolSize = 2

/** What the reading functions work with. */
export interface ReadSide extends DocumentDeps {
  readonly guard: RedisGuard
  readonly redisReads: RedisReads
  readonly find: Find
  readonly catalogue: Catalogue
}

const closers: (() => unknown)[] = []

/** Has something closed with the front door. */
export const closeWithFrontDoor = (close: () => unknown): number => closers.push(close)

/** The connections that reading and reserving share. @throws Error that names what the environment lacks */
export const connections = lazyAsync(async () => {
  const config = functionConfig({
    ...postgresEnvironment,
    ...redisEnvironment,
    REQUESTS_TOPIC: kafkaEnvironment.REQUESTS_TOPIC,
  })
  const pool = await postgresPool({ role: "reader", size: config.DATABASE_POOL_SIZE, queryTimeoutMs: readTimeoutMs })
  const redis = redisClient(config.REDIS_URL)
  closers.push(
    () => redis.disconnect(),
    () => pool.end(),
  )
  // Scripts are defined before the first command: ioredis puts the commands of a tick into one pipeline, and one that was begun
  // before a script was defined does not know it, which ends the process.
  const redisAdmission = createRedisAdmission(redis)
  const gap = createQueueGap(redis)
  await firstContact(redis)
  const gate = createConcurrencyLimit()
  const guard = createRedisGuard(redis)
  const redisReads = createRedisReads(redis)
  const directory = createSkuDirectory(pool, gate)
  const reservations = createReservationReads(pool, gate, config.REQUESTS_TOPIC)
  const find = createFind({ guard, gap, redisReads, reservations, directory })
  const catalogue = createCatalogue(pool)
  return {
    redis,
    guard,
    redisAdmission,
    gap,
    redisReads,
    directory,
    catalogue,
    reservations,
    find,
    waitlist: createWaitlistReads(pool),
  }
})

/** The connections of the reading functions. @throws Error that names what the environment lacks */
export const readSide = (): Promise<ReadSide> => connections()

/** Moves stock for shoppers: cancels, and ends holds that a read found overdue. */
export const commandRunner = lazyAsync(async () => {
  const { REDIS_URL } = functionConfig(redisEnvironment)
  const runtime = await transitionRuntime({ redisUrl: REDIS_URL, poolSize: settlementPoolSize })
  closers.push(() => runtime.pool.end())
  return runtime.applyCommand
})

/** Lets go of the connections, when the process ends; the functions of one process may each call it. */
export async function closeFrontDoor(): Promise<void> {
  await Promise.allSettled(closers.splice(0).map(async (close) => close()))
}
