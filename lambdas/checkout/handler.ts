import { strict as assert } from "node:assert"
import { functionConfig, postgresEnvironment, redisEnvironment, stageEnvironment } from "../../core/adapters/config.ts"
import { readSecret, readSecretVersions } from "../../core/adapters/credentials.ts"
import { endpoint, httpHandler, publicEndpoint, RawBody } from "../../core/adapters/http/handler.ts"
import { createPace, longestPaymentWaitMs } from "../../core/adapters/payment/pace.ts"
import { paymentEnvironment, providerTimeoutMs, stripeProvider } from "../../core/adapters/payment/stripe.ts"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { receiptFor } from "../../core/adapters/receipts.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import { createProjection } from "../../core/adapters/redis/projection.ts"
import { record } from "../../core/adapters/telemetry.ts"
import { CheckoutBody } from "../../core/contracts/http/checkout.ts"
import { ReceiptQuery } from "../../core/contracts/http/reservations.ts"
import { answerLimits } from "../../core/contracts/http/routes.ts"
import { ProblemError, problems } from "../../core/contracts/problems.ts"
import { closeFrontDoor, commandRunner, readSide } from "../../core/runtime/read-runtime.ts"
import { projectReservations } from "../../core/workflows/allocation/project-commit.ts"
import { completionBudgetMs } from "../../core/workflows/payments/complete-payment.ts"
import { checkoutAnswer, checkoutFailure, webhookAnswer } from "./answers.ts"
import { receiveWebhook } from "./webhook.ts"
import { checkout, checkoutBudgetMs } from "./workflow.ts"

const config = functionConfig({ ...stageEnvironment, ...postgresEnvironment, ...redisEnvironment, ...paymentEnvironment })
assert(
  longestPaymentWaitMs + providerTimeoutMs < checkoutBudgetMs,
  "A checkout must outlast the wait for the provider and one answer of it",
)
assert(checkoutBudgetMs < answerLimits.checkoutMs, "A checkout must end before its shopper is told that it may not have")
assert(
  longestPaymentWaitMs + providerTimeoutMs < completionBudgetMs,
  "The completion of a payment must outlast the wait for the provider and one answer of it",
)
assert(
  completionBudgetMs < answerLimits.webhookMs,
  "The completion of a payment must end before the provider is told that it may not have",
)

const redis = redisClient(config.REDIS_URL)
const projection = createProjection(redis)
const provider = stripeProvider({
  apiKey: () => readSecret("PAYMENT_API_KEY"),
  apiUrl: config.PAYMENT_API_URL,
  returnUrl: config.PAYMENT_RETURN_URL,
  pace: createPace({ callsPerSecond: config.PAYMENT_CALLS_PER_SECOND, redis }),
})
const checkoutPool = postgresPool({ role: "checkout", size: config.DATABASE_POOL_SIZE, pipeline: true })

async function dependencies() {
  const pool = await checkoutPool
  const [{ find }, applyCommand] = await Promise.all([readSide(), commandRunner()])
  return { pool, provider, find, applyCommand, show: (ids: readonly string[]) => projectReservations({ pool, projection }, ids) }
}

export const handler = httpHandler({
  /** Pays for a hold, and answers with the order, or with the provider's page where the shopper goes on. */
  "POST /v1/reservations/{reservation_id}/checkout": endpoint(
    { body: CheckoutBody, query: ReceiptQuery, idempotencyKey: "required" },
    async ({ body, query, path, caller, idempotencyKey, instance }) => {
      const startedAtMs = performance.now()
      const { reservation_id: id = "" } = path
      const receipt = query.receipt === undefined ? {} : { receipt: await receiptFor(query.receipt, id, caller.owner) }
      const question = { id, userId: caller.userId, owner: caller.owner, ...receipt }
      const note = () => record("checkout.latency", performance.now() - startedAtMs)
      const request = { question, idempotencyKey, paymentMethod: body.payment_method }
      try {
        const answer = checkoutAnswer(await checkout(await dependencies(), request), id, instance)
        note()
        return answer
      } catch (thrown) {
        const error = checkoutFailure(thrown)
        // A shopper who is told to come back has waited, too; a refusal is quick and would only flatter.
        if (error instanceof ProblemError && problems[error.slug].status === 503) note()
        throw error
      }
    },
  ),
  /** The provider says that something has become of a payment. */
  "POST /v1/payments/webhook": publicEndpoint({ body: RawBody }, async ({ body, headers }) => {
    const secrets = await readSecretVersions("PAYMENT_WEBHOOK_SECRET")
    return webhookAnswer(
      await receiveWebhook(await dependencies(), { text: body, signature: headers["stripe-signature"], secrets }),
    )
  }),
})

/** Lets go of the connections, when the process ends. */
export async function shutdown(): Promise<void> {
  redis.disconnect()
  await Promise.all([checkoutPool.then((pool) => pool.end()), closeFrontDoor()])
}
