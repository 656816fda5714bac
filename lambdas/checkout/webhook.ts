import { ProviderFailure } from "../../core/adapters/payment/provider.ts"
import { readWebhookCall, type WebhookCall } from "../../core/adapters/payment/webhook.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import { completePayment } from "../../core/workflows/payments/complete-payment.ts"
import type { ProceedDeps } from "../../core/workflows/payments/payment-deps.ts"
import type { RefundDeps } from "../../core/workflows/payments/settle-refund.ts"
import { syncRefunds } from "../../core/workflows/payments/sync-refunds.ts"

/** A webhook call as it arrived. */
export interface SignedCall {
  readonly text: string
  readonly signature: string | undefined
  /** The secrets that are valid at present. */
  readonly secrets: readonly string[]
}

/** How a webhook call ended. The provider repeats a call whose answer is not 200. */
export type WebhookResult =
  | { readonly kind: "received" | "forged" | "malformed" }
  /** The payment could not be completed now: the provider has to call again. */
  | { readonly kind: "not-completed"; readonly cause: ProviderFailure }

/**
 * Receives a webhook call of the provider. It continues the checkout of the payment, or brings the refunds of an order up to
 * date.
 *
 * @throws PostgreSQL's errors: the provider has to call again
 */
export async function receiveWebhook(
  deps: ProceedDeps & RefundDeps,
  { text, signature, secrets }: SignedCall,
): Promise<WebhookResult> {
  const call = readWebhookCall(text, signature, secrets)
  if (call.kind === "forged") {
    count("webhook.refused")
    return { kind: "forged" }
  }
  count("webhook.accepted")
  if (call.kind === "malformed") return { kind: "malformed" }
  if (call.kind === "other") return { kind: "received" }
  try {
    await (call.kind === "notice" ? completePayment(deps, call.payment) : syncRefunds(deps, call.ref))
    return { kind: "received" }
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    count("payment.failed")
    logger.warn("A webhook call could not be carried out; the provider has to call again", { ...idsOf(call), error })
    return { kind: "not-completed", cause: error }
  }
}

const idsOf = (call: WebhookCall) => (call.kind === "notice" ? { attemptId: call.payment.attemptId } : {})
