import type { Redis } from "ioredis"
import type { Instant } from "../../domain/reservation.ts"
import { redisKeys } from "./keys.ts"
import { settledViewTtlMs } from "./projection.ts"

/** How long a closed sale at rest stays in Redis. */
export const closedSaleTtlMs = settledViewTtlMs
/** Its reservations stay longer than the sale: the sale's `complete` mark says that Redis holds all of them. */
export const closedViewTtlMs = 2 * closedSaleTtlMs

/** The sales at rest in Redis. Every method throws when Redis does not answer. */
export interface SalesAtRest {
  /** Records until when no sale at rest has changed, by PostgreSQL's clock: what Redis shows of them is correct as of then. */
  noteAsOf(asOf: Instant): Promise<void>
  /** Lets the views of a closed sale expire. It must be called before `retireSale`. */
  retireViews(ids: readonly string[]): Promise<void>
  retireSale(skuNo: number): Promise<void>
}

export const createSalesAtRest = (redis: Redis): SalesAtRest => ({
  async noteAsOf(asOf) {
    await redis.set(redisKeys.restingAsOf, Math.floor(asOf / 1_000))
  },
  async retireViews(ids) {
    await Promise.all(ids.map((id) => redis.pexpire(redisKeys.reservation(id), closedViewTtlMs)))
  },
  async retireSale(skuNo) {
    await redis.pexpire(redisKeys.sale(skuNo), closedSaleTtlMs)
  },
})
