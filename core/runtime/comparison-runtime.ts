import type { Pool } from "pg"
import { createSaleFigures } from "../adapters/redis/sale-figures.ts"
import type { ReconcileDeps } from "../workflows/reconcile/reconcile.ts"
import { openKafka } from "./kafka.ts"
import type { Resources } from "./lifecycle.ts"
import { openPaymentProvider } from "./payment-provider.ts"
import { openReadyRedis } from "./redis.ts"
import { requestsLog } from "./requests-log.ts"

/** A fetch waits on the broker for a whole segment of records. */
const fetchTimeoutMs = 10_000

/** Opens every source of a sale besides PostgreSQL: Redis, Kafka and the payment provider. It changes nothing in them. */
export async function openComparison(resources: Resources, checkPool: Pool): Promise<ReconcileDeps> {
  const { topic: requestsTopic, firstOffset } = requestsLog()
  const redis = await openReadyRedis(resources)
  return {
    ...{ pool: checkPool, kafka: openKafka("ops", { requestTimeoutMs: fetchTimeoutMs }) },
    ...{ requestsTopic, firstOffset },
    ...{ sales: createSaleFigures(redis), provider: openPaymentProvider(redis) },
  }
}
