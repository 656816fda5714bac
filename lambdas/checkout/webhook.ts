import { ProviderFailure } from "../../core/adapters/payment/provider.ts"
import { readWebhookCall } from "../../core/adapters/payment/webhook.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import { problem } from "../../core/contracts/problems.ts"
import { completePayment } from "../../core/workflows/payments/complete-payment.ts"
import type { ProceedDeps } from "../../core/workflows/payments/proceed-checkout.ts"

/** A call at the webhook as it came. */
export interface SignedCall {
  readonly text: string
  readonly signature: string | undefined
  /** Those that are honoured at the moment. */
  readonly secrets: readonly string[]
}

/**
 * Hears what the provider says has become of a payment, and goes on with its checkout.
 *
 * @throws ProblemError: what is not the provider's own is refused; where we or the provider cannot go on now he is to call again
 */
export async function hearProvider(deps: ProceedDeps, { text, signature, secrets }: SignedCall): Promise<void> {
  const call = readWebhookCall(text, signature, secrets)
  if (call.kind === "forged") {
    count("webhook.refused")
    throw problem("signature-invalid")
  }
  count("webhook.accepted")
  if (call.kind === "malformed") throw problem("malformed-json")
  if (call.kind === "other") return
  try {
    await completePayment(deps, call.payment)
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    count("payment.failed")
    const { attemptId } = call.payment
    logger.warn("A payment of which the provider told could not be completed; it is to tell again", { attemptId, error })
    throw problem("temporarily-unavailable", {}, error)
  }
}
