import type { Redis } from "ioredis"
import { createPace } from "../adapters/payment/pace.ts"
import type { PaymentProvider } from "../adapters/payment/provider.ts"
import { paymentEnvironment, stripeProvider } from "../adapters/payment/stripe.ts"
import { functionConfig } from "./environment.ts"
import { readSecret } from "./secrets.ts"

/** The payment provider of the environment. @param redis where all processes share the rate of their calls */
export function openPaymentProvider(redis: Redis): PaymentProvider {
  const config = functionConfig(paymentEnvironment)
  return stripeProvider({
    apiKey: () => readSecret("PAYMENT_API_KEY"),
    apiUrl: config.PAYMENT_API_URL,
    returnUrl: config.PAYMENT_RETURN_URL,
    pace: createPace({ callsPerSecond: config.PAYMENT_CALLS_PER_SECOND, redis }),
  })
}
