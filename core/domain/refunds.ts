import type { OrderFacts, RefundFacts, RefundState } from "./sale.ts"

/** The states of a refund that may still succeed. Such a refund counts against what is left of the payment. */
export const openRefundStates = ["REQUESTED", "UNKNOWN", "PENDING"] as const satisfies readonly RefundState[]

/** Where a refund comes from: an operator, the provider's own page or API, or a dispute that the shop lost. */
export type RefundOrigin = "operator" | "provider" | "dispute"

/** What the settling of a refund changes. */
export interface RefundChange {
  readonly refundId: string
  /** The states that the refund must still be in. */
  readonly from: readonly RefundState[]
  readonly to: "SUCCEEDED" | "FAILED"
  /** The money of the order that went back to the shopper, with this change. */
  readonly refundedMinor: number
  /** The ledger entry; absent for a refund that failed before any money moved. */
  readonly kind?: "refunded" | "refunded_kept" | "partly_refunded" | "refund_failed"
  /** The provider's code of a failure. */
  readonly failureCode?: string
}

/** The failure of a refund that would return more than was captured. The ledger and the order do not count its money. */
export const exceedsPayment = "exceeds-payment"

/** What became of a refund at the provider. */
export type RefundOutcome = { readonly as: "succeeded" } | { readonly as: "failed"; readonly failureCode: string }

/**
 * Decides what the outcome of a refund changes. The order becomes REFUNDED when all its money went back, and its units go back to
 * stock with it unless the refund keeps them. A smaller refund leaves order and units as they are. So does a refund of an order
 * that is REFUNDED already: an earlier refund of it failed later.
 *
 * @returns undefined when there is nothing to change: the outcome is known, or the order was never paid
 */
export function settleRefund(order: OrderFacts, refund: RefundFacts, outcome: RefundOutcome): RefundChange | undefined {
  const { refundId, amountMinor, state, returnUnit } = refund
  if (order.status === "PENDING_CAPTURE" || order.status === "FAILED" || state === "FAILED") return undefined
  if (outcome.as === "failed") {
    const hadSucceeded = state === "SUCCEEDED"
    return {
      refundId,
      from: hadSucceeded ? ["SUCCEEDED"] : openRefundStates,
      to: "FAILED",
      refundedMinor: order.refundedMinor - (hadSucceeded ? amountMinor : 0),
      ...(hadSucceeded && { kind: "refund_failed" as const }),
      failureCode: outcome.failureCode,
    }
  }
  if (state === "SUCCEEDED") return undefined
  const refundedMinor = order.refundedMinor + amountMinor
  // A bank may take back money of a payment that was refunded before.
  if (refundedMinor > order.amountMinor) {
    const failed = { to: "FAILED", refundedMinor: order.refundedMinor, failureCode: exceedsPayment } as const
    return { refundId, from: openRefundStates, ...failed }
  }
  const completes = order.status === "PAID" && refundedMinor === order.amountMinor
  const kind = completes ? (returnUnit ? "refunded" : "refunded_kept") : "partly_refunded"
  return { refundId, from: openRefundStates, to: "SUCCEEDED", refundedMinor, kind }
}
