import type { Pool } from "pg"
import { createCompleteness } from "../../core/adapters/redis/completeness.ts"
import { createSalesAtRest } from "../../core/adapters/redis/sales-at-rest.ts"
import { createRedisWarmer } from "../../core/workflows/allocation/warm-redis.ts"
import { type GivenDatabase, requestsTopic } from "./given-sale.ts"

/**
 * The warm step of a sweeper that has just started.
 *
 * @param pool reads the sales, with the rights of the reader
 * @param ends the end offsets that the brokers acknowledged, by partition
 */
export const givenWarmer = (
  { transition, projection, redis }: Pick<GivenDatabase, "transition" | "projection" | "redis">,
  pool: Pick<Pool, "query">,
  ends: ReadonlyMap<number, number> = new Map(),
): ReturnType<typeof createRedisWarmer> =>
  createRedisWarmer({
    pool: pool as Pool,
    transitionPool: transition,
    projection,
    completeness: createCompleteness(redis),
    atRest: createSalesAtRest(redis),
    endOffsets: async () => new Map(ends),
    requestsTopic,
  })
