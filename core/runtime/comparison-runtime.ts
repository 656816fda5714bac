import type { Pool } from "pg"
import { firstContact } from "../adapters/redis/guard.ts"
import { createSaleFigures } from "../adapters/redis/sale-figures.ts"
import type { ReconcileDeps } from "../workflows/reconcile/reconcile.ts"
import { openKafka } from "./kafka.ts"
import type { Resources } from "./lifecycle.ts"
import { openPaymentProvider } from "./payment-provider.ts"
import { openRedis } from "./redis.ts"
import { requestsLog } from "./requests-log.ts"

/** A fetch waits on the broker for a whole segment of records. */
const fetchTimeoutMs = 10_000

/** Opens every source of a sale besides PostgreSQL: Redis, Kafka and the payment provider. It changes nothing in them. */
export async function openComparison(
  resources: Resources,
  { checkPool, requestsTopic }: { checkPool: Pool; requestsTopic: string },
): Promise<ReconcileDeps> {
  const redis = await openRedis(resources)
  // The first command of a process would find a connection that is not ready, and take Redis for away.
  await firstContact(redis)
  return {
    ...{ pool: checkPool, kafka: openKafka("ops", { requestTimeoutMs: fetchTimeoutMs }) },
    ...{ requestsTopic, firstOffset: requestsLog().firstOffset },
    ...{ sales: createSaleFigures(redis), provider: openPaymentProvider(redis) },
  }
}
