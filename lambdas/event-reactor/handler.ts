import type { Context } from "aws-lambda"
import { functionConfig, postgresEnvironment, redisEnvironment, stageEnvironment } from "../../core/adapters/config.ts"
import { readSecret } from "../../core/adapters/credentials.ts"
import { createPace, longestPaymentWaitMs } from "../../core/adapters/payment/pace.ts"
import { paymentEnvironment, providerTimeoutMs, stripeProvider } from "../../core/adapters/payment/stripe.ts"
import { redisClient } from "../../core/adapters/redis/client.ts"
import type { MskResponse } from "../../core/contracts/msk-event.ts"
import { transitionRuntime } from "../../core/runtime/transition-runtime.ts"
import { projectReservations } from "../../core/workflows/allocation/project-commit.ts"
import { captureOrSetAside } from "../../core/workflows/payments/capture-payment.ts"
import { Delivery } from "./delivery.ts"
import { type ReactorDeps, react } from "./workflow.ts"

const config = functionConfig({ ...stageEnvironment, ...postgresEnvironment, ...redisEnvironment, ...paymentEnvironment })

/** Time kept back for captures under way and the answer. */
const endMarginMs = longestPaymentWaitMs + providerTimeoutMs + 2_000

const reactor = (async (): Promise<ReactorDeps> => {
  const runtime = await transitionRuntime({ redisUrl: config.REDIS_URL, poolSize: config.DATABASE_POOL_SIZE })
  const provider = stripeProvider({
    apiKey: () => readSecret("PAYMENT_API_KEY"),
    apiUrl: config.PAYMENT_API_URL,
    pace: createPace({ callsPerSecond: config.PAYMENT_CALLS_PER_SECOND, redis: redisClient(config.REDIS_URL) }),
  })
  return {
    capture: (orderId) => captureOrSetAside({ ...runtime, provider }, orderId),
    show: (ids) => projectReservations(runtime, ids),
  }
})()

/** `reservation-events`: collects the money of confirmed reservations and cleans up behind what moved. */
export async function handler(event: unknown, context: Context): Promise<MskResponse> {
  return react(await reactor, Delivery.parse(event), () => context.getRemainingTimeInMillis() - endMarginMs)
}
