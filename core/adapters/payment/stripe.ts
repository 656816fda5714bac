import * as z from "zod"
import { createPace, type Pace } from "./pace.ts"
import type { PaymentProvider } from "./provider.ts"
import { createAuthorise } from "./stripe-authorise.ts"
import { createStripeCalls } from "./stripe-calls.ts"
import { createChanges } from "./stripe-changes.ts"
import { createLists } from "./stripe-lists.ts"
import { createRefunds } from "./stripe-refunds.ts"

/** Time of one call to the provider. An authorisation usually answers in about 200 ms. */
export const providerTimeoutMs = 4_000

const Address = z.url({ protocol: /^https?$/ }).optional()

/** Environment of functions that pay. The provider's key comes from the secrets. */
export const paymentEnvironment = {
  PAYMENT_API_URL: Address,
  /**
   * The page of the shop to which the provider sends shoppers back. Without it, it is the page that a call names; without that,
   * too, the provider shows them no page of its own.
   */
  PAYMENT_RETURN_URL: Address,
  /** Calls a second of all functions together: the provider's own limit, less a margin. Absent: no limit of ours. */
  PAYMENT_CALLS_PER_SECOND: z.coerce.number().min(1).max(10_000).optional(),
}

export interface StripeOptions {
  /** Read before every call, so that a rotated key needs no restart. */
  readonly apiKey: () => Promise<string>
  /** The provider's address, if it is not Stripe's own. */
  readonly apiUrl?: string | undefined
  readonly returnUrl?: string | undefined
  readonly timeoutMs?: number
  readonly pace?: Pace
}

/**
 * The payment provider, through Stripe's own client. A payment is a PaymentIntent that is confirmed at once and captured later.
 */
export function stripeProvider(options: StripeOptions): PaymentProvider {
  const { apiKey, apiUrl, returnUrl, timeoutMs = providerTimeoutMs, pace = createPace() } = options
  const calls = createStripeCalls({ apiKey, apiUrl, timeoutMs, pace })
  return {
    authorise: createAuthorise(calls, returnUrl),
    ...createChanges(calls),
    ...createRefunds(calls),
    ...createLists(calls),
    retrieve: calls.retrieve,
    findByAttempt: calls.findByAttempt,
  }
}
