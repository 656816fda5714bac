import type { Redis } from "ioredis"
import type { Instant } from "../../domain/reservation.ts"
import { redisKeys } from "./keys.ts"
import { settledViewTtlMs } from "./projection.ts"

/** How long a closed sale at rest stays in Redis. */
export const closedSaleTtlMs = settledViewTtlMs
/** Its reservations stay longer: its `complete` mark, which goes with the sale, says that they are all here. */
export const closedViewTtlMs = 2 * closedSaleTtlMs

/** What Redis holds of sales at rest. Every method throws when Redis does not answer. */
export interface SalesAtRest {
  /** Notes until when no sale at rest has changed, by PostgreSQL's clock: what Redis shows of them is true until then. */
  noteAsOf(asOf: Instant): Promise<void>
  /** Gives the views of a closed sale an end; before the sale itself. */
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
