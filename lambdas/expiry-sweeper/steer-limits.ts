import type { Pool } from "pg"
import { readDatabaseActivity, setOperatorSettings } from "../../core/adapters/postgres/operator-settings.ts"
import { salesInMotion } from "../../core/adapters/postgres/sales.ts"
import type { Completeness } from "../../core/adapters/redis/completeness.ts"
import { logger, record } from "../../core/adapters/telemetry.ts"
import type { Instant } from "../../core/domain/reservation.ts"
import { type Activity, readsPerSecondBetween, type SteeringRates, steer, steeringRates } from "../../core/domain/steering.ts"
import { stillSeconds } from "../../core/workflows/allocation/warm-redis.ts"

export interface SteerLimitsDeps {
  readonly pool: Pool
  /** Connections of the transition role. */
  readonly transitionPool: Pool
  readonly completeness: Completeness
  readonly rates?: SteeringRates
}

/**
 * Measures the reads that PostgreSQL answers, and tightens the limits of admission of the whole stage while there are too many:
 * without Redis every read of a shopper goes to PostgreSQL. Every sweeper measures for itself; they share what they chose.
 *
 * @returns one step. @throws PostgreSQL's errors; the next step goes on
 */
export function createSteerLimits({ pool, transitionPool, completeness, rates = steeringRates }: SteerLimitsDeps) {
  let before: Activity | undefined
  let calmSince: Instant | undefined

  return async function steerLimits(): Promise<void> {
    const { byItself, ...now } = await readDatabaseActivity(pool)
    const readsPerSecond = before && readsPerSecondBetween(before, now)
    before = now
    record("admission.tight", byItself === "tight" ? 1 : 0)
    if (readsPerSecond === undefined) return
    record("database.read.rate", readsPerSecond)
    const isRedisComplete = byItself === "tight" && (await showsEverySale({ pool, completeness }))
    const known = { limits: byItself, ...(calmSince !== undefined && { calmSince }) }
    const next = steer(known, { readsPerSecond, isRedisComplete, at: now.at }, rates)
    calmSince = next.calmSince
    if (next.limits === byItself) return
    await setOperatorSettings(transitionPool, ["limits-by-itself"], next.limits, "expiry-sweeper")
    if (next.limits === "tight") {
      logger.warn("PostgreSQL answers too many reads; the limits of admission are tight until the reads are few again", {
        readsPerSecond: Math.round(readsPerSecond),
      })
    } else logger.info("The reads of PostgreSQL are few again; the limits of admission are normal", {})
  }
}

/** True when Redis answers, and holds everything that shoppers ask for. */
async function showsEverySale({ pool, completeness }: Pick<SteerLimitsDeps, "pool" | "completeness">): Promise<boolean> {
  const sales = await salesInMotion(pool, stillSeconds)
  try {
    const marks = await completeness.look(sales.map(({ sale }) => sale.skuNo))
    return (await completeness.queue.isComplete()) && sales.every(({ sale }) => marks.get(sale.skuNo)?.isComplete)
  } catch {
    return false
  }
}
