import { strict as assert } from "node:assert"
import { longestPaymentWaitMs } from "../../core/adapters/payment/pace.ts"
import { paymentEnvironment, providerTimeoutMs } from "../../core/adapters/payment/stripe.ts"
import { createProjection } from "../../core/adapters/redis/projection.ts"
import { answerLimits } from "../../core/contracts/http/routes.ts"
import { functionConfig, postgresEnvironment, redisEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { failpoint } from "../../core/runtime/failpoint.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openPaymentProvider } from "../../core/runtime/payment-provider.ts"
import { openPool } from "../../core/runtime/postgres.ts"
import { openReadParts } from "../../core/runtime/read-runtime.ts"
import { openRedis } from "../../core/runtime/redis.ts"
import { openShopperCommands } from "../../core/runtime/transition-runtime.ts"
import { createOrderAdministration, type OrderAdministration } from "../../core/workflows/administration/orders.ts"
import { completionBudgetMs } from "../../core/workflows/payments/complete-payment.ts"
import { createMarkOrderPaid } from "../../core/workflows/payments/mark-orders-paid.ts"
import type { RefundDeps } from "../../core/workflows/payments/settle-refund.ts"
import { type CheckoutDeps, checkoutBudgetMs } from "./workflow.ts"

const config = functionConfig({ ...stageEnvironment, ...postgresEnvironment, ...redisEnvironment, ...paymentEnvironment })
assert(
  longestPaymentWaitMs + providerTimeoutMs < checkoutBudgetMs,
  "A checkout must last longer than the wait for the provider and one answer of it",
)
assert(checkoutBudgetMs < answerLimits.checkoutMs, "A checkout must end before its answer says that the outcome is unknown")
assert(
  longestPaymentWaitMs + providerTimeoutMs < completionBudgetMs,
  "The completion of a payment must last longer than the wait for the provider and one answer of it",
)
assert(
  completionBudgetMs < answerLimits.webhookMs,
  "The completion of a payment must end before the provider's call is answered that the outcome is unknown",
)

/** What checkouts, webhooks and refunds need. */
interface PaymentParts extends CheckoutDeps, RefundDeps {
  readonly orders: OrderAdministration
}

/** Beside what the reading functions share: a pool of the checkout role, and the provider. */
export const runtime = defineRuntime(
  async (resources): Promise<PaymentParts> => {
    const redis = await openRedis(resources)
    const projection = createProjection(redis)
    const provider = openPaymentProvider(redis)
    const pool = await openPool(resources, {
      role: "checkout",
      size: config.DATABASE_POOL_SIZE,
      pipeline: true,
      servesRush: true,
    })
    const [{ find }, applyCommand] = await Promise.all([openReadParts(resources), openShopperCommands(resources)])
    // For a refund that is faster than our own answer to its capture.
    const markOrderPaid = createMarkOrderPaid(applyCommand)
    const deps = { pool, provider, find, applyCommand, show: projection.project, markOrderPaid, reach: failpoint("refund") }
    return { ...deps, orders: createOrderAdministration(deps) }
  },
  { eager: true },
)
