import Stripe from "stripe"
import * as z from "zod"
import type { PaymentNotice } from "../postgres/payment-actions.ts"

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
  | { readonly kind: "notice"; readonly notice: PaymentNotice }

/**
 * Reads a call of the provider's, by Stripe's own code: first the signature, over the text as it came. A secret that was rotated counts
 * as long as it is among `secrets`.
 */
export function readWebhookCall(text: string, signature: string | undefined, secrets: readonly string[]): WebhookCall {
  for (const secret of secrets) {
    try {
      const event: unknown = Stripe.webhooks.constructEvent(text, signature ?? "", secret, signatureToleranceSeconds)
      const { success, data } = CompletingEvent.safeParse(event)
      if (!success) return { kind: "other" }
      const { id, metadata } = data.data.object
      return { kind: "notice", notice: { ref: id, attemptId: metadata.attempt_id } }
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) continue
      // What is signed and no JSON; all else that Stripe's code refuses is a kind of event that it wants handled otherwise.
      return { kind: error instanceof SyntaxError ? "malformed" : "other" }
    }
  }
  return { kind: "forged" }
}
