import type { Context } from "aws-lambda"
import { longestPaymentWaitMs } from "../../core/adapters/payment/pace.ts"
import { paymentEnvironment, providerTimeoutMs } from "../../core/adapters/payment/stripe.ts"
import { EventDelivery } from "../../core/contracts/event-delivery.ts"
import type { MskResponse } from "../../core/contracts/msk-event.ts"
import { openDeadLetters } from "../../core/runtime/dead-letters.ts"
import { deliveryAnswer } from "../../core/runtime/delivery-answer.ts"
import {
  functionConfig,
  kafkaEnvironment,
  postgresEnvironment,
  redisEnvironment,
  stageEnvironment,
} from "../../core/runtime/environment.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openPaymentProvider } from "../../core/runtime/payment-provider.ts"
import { openRedis } from "../../core/runtime/redis.ts"
import { openTransitionParts } from "../../core/runtime/transition-runtime.ts"
import { warmAtInit } from "../../core/runtime/warm-up/at-init.ts"
import { projectReservations } from "../../core/workflows/allocation/project-commit.ts"
import { captureOrSetAside } from "../../core/workflows/payments/capture-payment.ts"
import { prepareEvents } from "./warm-up.ts"
import { type ReactorDeps, react } from "./workflow.ts"

const config = functionConfig({
  ...stageEnvironment,
  ...postgresEnvironment,
  ...redisEnvironment,
  ...kafkaEnvironment,
  ...paymentEnvironment,
})

/** Margin at the end of the invocation for captures in progress and for the answer. */
const endMarginMs = longestPaymentWaitMs + providerTimeoutMs + 2_000

export const runtime = defineRuntime(
  async (resources): Promise<ReactorDeps> => {
    const transition = await openTransitionParts(resources, { poolSize: config.DATABASE_POOL_SIZE })
    const provider = openPaymentProvider(await openRedis(resources))
    return {
      deadLetters: openDeadLetters(resources, "event-reactor"),
      capture: (orderId) => captureOrSetAside({ ...transition, provider }, orderId),
      show: (ids) => projectReservations(transition, ids),
    }
  },
  { eager: true },
)

/** `reservation-events`: captures the payments of confirmed reservations, and projects the reservations that changed to Redis. */
export async function handler(event: unknown, context: Context): Promise<MskResponse> {
  const timeLeftMs = () => context.getRemainingTimeInMillis() - endMarginMs
  return deliveryAnswer(await react(await runtime.open(), EventDelivery.parse(event), timeLeftMs))
}

export const rounds = prepareEvents(handler)

await warmAtInit(runtime, rounds)
