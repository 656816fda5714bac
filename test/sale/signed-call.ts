import Stripe from "stripe"
import { testWebhookSecret } from "../services/environment.ts"

/** Headers and body of a call at the webhook, signed as the provider signs. */
export function signedCall(event: unknown, { secret = testWebhookSecret, ageSeconds = 0 } = {}) {
  const body = typeof event === "string" ? event : JSON.stringify(event)
  const timestamp = Math.floor(Date.now() / 1_000) - ageSeconds
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp })
  return { body, headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": signature } }
}

/** An event of Stripe's about a payment that should be an attempt's. */
export const eventOf = (payment: string, attemptId: string, type = "payment_intent.amount_capturable_updated") => ({
  id: `evt_${crypto.randomUUID()}`,
  object: "event",
  type,
  data: { object: { object: "payment_intent", id: payment, metadata: { attempt_id: attemptId } } },
})
