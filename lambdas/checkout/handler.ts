import { strict as assert } from "node:assert"
import { functionConfig, postgresEnvironment, redisEnvironment, stageEnvironment } from "../../core/adapters/config.ts"
import { readSecret } from "../../core/adapters/credentials.ts"
import { endpoint, httpHandler } from "../../core/adapters/http/handler.ts"
import { paymentEnvironment, providerTimeoutMs, stripeProvider } from "../../core/adapters/payment/stripe.ts"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { receiptFor } from "../../core/adapters/receipts.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { createProjection } from "../../core/adapters/redis/projection.ts"
import { record } from "../../core/adapters/telemetry.ts"
import { CheckoutBody } from "../../core/contracts/http/checkout.ts"
import { ReceiptQuery } from "../../core/contracts/http/reservations.ts"
import { answerLimits } from "../../core/contracts/http/routes.ts"
import { closeFrontDoor, readSide, settlement } from "../../core/workflows/front-door.ts"
import { projectReservations } from "../../core/workflows/project-commit.ts"
import { checkout, checkoutBudgetMs } from "./workflow.ts"

const config = functionConfig({ ...stageEnvironment, ...postgresEnvironment, ...redisEnvironment, ...paymentEnvironment })
assert(providerTimeoutMs < checkoutBudgetMs, "A checkout must outlast one answer of the provider")
assert(checkoutBudgetMs < answerLimits.checkoutMs, "A checkout must end before its shopper is told that it may not have")

const redis = redisClient(config.REDIS_URL)
const projection = createProjection(redis)
const provider = stripeProvider({ apiKey: () => readSecret("PAYMENT_API_KEY"), apiUrl: config.PAYMENT_API_URL })
const checkoutPool = postgresPool({ role: "checkout", size: config.DATABASE_POOL_SIZE, pipeline: true })

async function dependencies() {
  const pool = await checkoutPool
  const [{ find }, settle] = await Promise.all([readSide(), settlement()])
  return { pool, provider, find, settle, show: (ids: readonly string[]) => projectReservations({ pool, projection }, ids) }
}

/** POST /v1/reservations/{reservation_id}/checkout: pays for a hold, and answers with the order. */
export const handler = httpHandler({
  "POST /v1/reservations/{reservation_id}/checkout": endpoint(
    { body: CheckoutBody, query: ReceiptQuery, idempotencyKey: true },
    async ({ body, query, path, caller, idempotencyKey }) => {
      const startedAtMs = performance.now()
      const { reservation_id: id = "" } = path
      const receipt = query.receipt === undefined ? {} : { receipt: await receiptFor(query.receipt, id, caller.owner) }
      const question = { id, userId: caller.userId, owner: caller.owner, ...receipt }
      const { order, created } = await checkout(await dependencies(), {
        question,
        idempotencyKey,
        paymentMethod: body.payment_method,
      })
      record("checkout.latency", performance.now() - startedAtMs)
      return { status: created ? 201 : 200, body: order }
    },
  ),
})

/** Lets go of the connections, when the process ends. */
export async function shutdown(): Promise<void> {
  redis.disconnect()
  await Promise.all([checkoutPool.then((pool) => pool.end()), closeFrontDoor()])
}
