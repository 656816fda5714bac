import { strict as assert } from "node:assert"
import Stripe from "stripe"
import * as z from "zod"
import type { PaymentRef } from "./provider.ts"

/** How old a signed call may be: long enough for a clock that is off, too short for who recorded one. */
export const signatureToleranceSeconds = 300

/** Events after which a payment stands where it did not stand before, as far as a checkout is concerned. */
const completing = [
  "payment_intent.amount_capturable_updated",
  "payment_intent.payment_failed",
  "payment_intent.canceled",
] as const

/** A payment of ours that something has become of. */
const CompletingEvent = z.looseObject({
  type: z.enum(completing),
  data: z.looseObject({
    object: z.looseObject({
      id: z.string().regex(/^pi_\w{1,255}$/),
      metadata: z.looseObject({ attempt_id: z.uuid() }),
    }),
  }),
})

/** What a call at the webhook turned out to be. */
export type WebhookCall =
  /** Not signed with any of the secrets, or too long ago. */
  | { readonly kind: "forged" }
  | { readonly kind: "malformed" }
  /** Signed, and about nothing that we wait for. */
  | { readonly kind: "other" }
  | { readonly kind: "notice"; readonly payment: PaymentRef }

/**
 * Reads a call of the provider's: first the signature, over the text as it came and by Stripe's own code. A secret that was rotated counts
 * as long as it is among `secrets`.
 */
export function readWebhookCall(text: string, signature: string | undefined, secrets: readonly string[]): WebhookCall {
  if (!secrets.some((secret) => isSignedWith(secret, text, signature ?? ""))) return { kind: "forged" }
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch {
    return { kind: "malformed" }
  }
  const { success, data } = CompletingEvent.safeParse(event)
  if (!success) return { kind: "other" }
  const { id, metadata } = data.data.object
  return { kind: "notice", payment: { ref: id, attemptId: metadata.attempt_id } }
}

const { signature: scheme } = Stripe.webhooks

function isSignedWith(secret: string, text: string, signature: string): boolean {
  try {
    assert(scheme, "This build of the provider's client cannot verify signatures")
    return scheme.verifyHeader(text, signature, secret, signatureToleranceSeconds)
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false
    throw error
  }
}
