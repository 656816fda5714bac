import { createOrderAdministration, type OrderAdministration } from "../workflows/administration/orders.ts"
import { failpoint } from "./failpoint.ts"
import type { Resources } from "./lifecycle.ts"
import { openPaymentProvider } from "./payment-provider.ts"
import { openRedis } from "./redis.ts"
import { openTransitionParts } from "./transition-runtime.ts"

/** A process serves few administrators, one after the other. */
const poolSize = 2

/** Opens a pool of the transition role, two connections to Redis and the payment provider, for one runtime. */
export async function openOrderAdministration(resources: Resources): Promise<OrderAdministration> {
  const transition = await openTransitionParts(resources, { poolSize })
  const provider = openPaymentProvider(await openRedis(resources))
  return createOrderAdministration({ ...transition, provider, reach: failpoint("refund") })
}
