import type { Pool } from "pg"
import type { EndOffsets } from "../adapters/kafka/offsets.ts"
import { createCompleteness } from "../adapters/redis/completeness.ts"
import { createSaleFigures } from "../adapters/redis/sale-figures.ts"
import { createSalesAtRest } from "../adapters/redis/sales-at-rest.ts"
import { createRedisWarmer } from "../workflows/allocation/warm-redis.ts"
import type { MendDeps } from "../workflows/reconcile/mend.ts"
import type { ReconcileDeps } from "../workflows/reconcile/reconcile.ts"
import { openKafka } from "./kafka.ts"
import type { Resources } from "./lifecycle.ts"
import { openPaymentProvider } from "./payment-provider.ts"
import { openRedis } from "./redis.ts"
import { requestsLog } from "./requests-log.ts"
import { openTransitionParts } from "./transition-runtime.ts"

/** A process reconciles for one operator at a time. */
const poolSize = 1
/** A fetch waits on the broker for a whole segment of records. */
const fetchTimeoutMs = 10_000

export interface ReconcileParts {
  readonly compare: ReconcileDeps
  readonly mend: MendDeps
}

/** Opens every source of a sale: a pool of the transition role, Redis, Kafka and the payment provider. */
export async function openReconciliation(
  resources: Resources,
  { checkPool, endOffsets, requestsTopic }: { checkPool: Pool; endOffsets: EndOffsets; requestsTopic: string },
): Promise<ReconcileParts> {
  const transition = await openTransitionParts(resources, { poolSize })
  const redis = await openRedis(resources)
  const provider = openPaymentProvider(redis)
  const sales = createSaleFigures(redis)
  const warm = createRedisWarmer({
    ...{ pool: checkPool, transitionPool: transition.pool, projection: transition.projection, endOffsets, requestsTopic },
    completeness: createCompleteness(redis),
    atRest: createSalesAtRest(redis),
  })
  return {
    compare: {
      ...{ pool: checkPool, kafka: openKafka("ops", { requestTimeoutMs: fetchTimeoutMs }), sales, provider },
      ...{ requestsTopic, firstOffset: requestsLog().firstOffset },
    },
    mend: { ...transition, provider, sales, warm },
  }
}
