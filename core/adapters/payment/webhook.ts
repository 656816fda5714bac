import { strict as assert } from "node:assert"
import Stripe from "stripe"
import * as z from "zod"
import type { PaymentRef } from "./provider.ts"

/** Greatest age of a signed call: long enough for a clock that is wrong, too short for a replay of a recorded call. */
export const signatureToleranceSeconds = 300

/** Events that change the state of a payment in a way that matters to its checkout. */
const completing = [
  "payment_intent.amount_capturable_updated",
  "payment_intent.payment_failed",
  "payment_intent.canceled",
] as const

/** An event about one of our payments. */
const CompletingEvent = z.looseObject({
  type: z.enum(completing),
  data: z.looseObject({
    object: z.looseObject({
      id: z.string().regex(/^pi_\w{1,255}$/),
      metadata: z.looseObject({ attempt_id: z.uuid() }),
    }),
  }),
})

/**
 * Events after which money of a payment may have gone back to its shopper, or may have come from them again. Their objects are a
 * charge, a refund or a dispute, and each names its payment.
 */
const refunding = [
  "charge.refunded",
  "charge.refund.updated",
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
] as const

const RefundingEvent = z.looseObject({
  type: z.enum(refunding),
  data: z.looseObject({ object: z.looseObject({ payment_intent: z.string().regex(/^pi_\w{1,255}$/) }) }),
})

/** What a webhook call turned out to be. */
export type WebhookCall =
  /** Signed with none of the secrets, or too long ago. */
  | { readonly kind: "forged" }
  | { readonly kind: "malformed" }
  /** Signed, but about nothing that a checkout waits for. */
  | { readonly kind: "other" }
  | { readonly kind: "notice"; readonly payment: PaymentRef }
  /** Something became of a refund or a dispute of the payment of this name. */
  | { readonly kind: "refund-notice"; readonly ref: string }

/**
 * Reads a webhook call of the provider. Stripe's own code verifies the signature first, over the text as it arrived. A secret
 * that was rotated is valid while it is among `secrets`.
 */
export function readWebhookCall(text: string, signature: string | undefined, secrets: readonly string[]): WebhookCall {
  if (!secrets.some((secret) => isSignedWith(secret, text, signature ?? ""))) return { kind: "forged" }
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch {
    return { kind: "malformed" }
  }
  const refund = RefundingEvent.safeParse(event)
  if (refund.success) return { kind: "refund-notice", ref: refund.data.data.object.payment_intent }
  const { success, data } = CompletingEvent.safeParse(event)
  if (!success) return { kind: "other" }
  const { id, metadata } = data.data.object
  return { kind: "notice", payment: { ref: id, attemptId: metadata.attempt_id } }
}

const { signature: scheme } = Stripe.webhooks

function isSignedWith(secret: string, text: string, signature: string): boolean {
  try {
    assert(scheme, "The build of Stripe's client in use cannot verify signatures")
    return scheme.verifyHeader(text, signature, secret, signatureToleranceSeconds)
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false
    throw error
  }
}
