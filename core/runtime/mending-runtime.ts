import type { Pool } from "pg"
import type { EndOffsets } from "../adapters/kafka/offsets.ts"
import { createCompleteness } from "../adapters/redis/completeness.ts"
import { createSaleFigures } from "../adapters/redis/sale-figures.ts"
import { createSalesAtRest } from "../adapters/redis/sales-at-rest.ts"
import { createRedisWarmer } from "../workflows/allocation/warm-redis.ts"
import type { MendDeps } from "../workflows/reconcile/mend.ts"
import type { Resources } from "./lifecycle.ts"
import { openPaymentProvider } from "./payment-provider.ts"
import { openReadyRedis } from "./redis.ts"
import { openTransitionParts } from "./transition-runtime.ts"

/** A process reconciles for one operator at a time. */
const poolSize = 1
/** Opens what mending needs: a pool of the transition role, Redis, the end of the queue and the payment provider. */
export async function openMending(
  resources: Resources,
  { checkPool, endOffsets, requestsTopic }: { checkPool: Pool; endOffsets: EndOffsets; requestsTopic: string },
): Promise<MendDeps> {
  const transition = await openTransitionParts(resources, { poolSize })
  const redis = await openReadyRedis(resources)
  const warm = createRedisWarmer({
    ...{ pool: checkPool, transitionPool: transition.pool, projection: transition.projection, endOffsets, requestsTopic },
    completeness: createCompleteness(redis),
    atRest: createSalesAtRest(redis),
  })
  return { ...transition, provider: openPaymentProvider(redis), sales: createSaleFigures(redis), warm }
}
