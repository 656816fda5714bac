import type { ProviderRefund } from "../../adapters/payment/provider.ts"
import { type PaidOrder, readOrderOfAttempt, recordFound } from "../../adapters/postgres/found-refunds.ts"
import { type RefundRecord, readRefund, readRefundsOf } from "../../adapters/postgres/refunds.ts"
import { count, logger } from "../../adapters/telemetry.ts"
import { foundRefundIdOf } from "../../domain/ids.ts"
import { capturePayment } from "./capture-payment.ts"
import { type RefundDeps, settle } from "./settle-refund.ts"

/**
 * Brings the refunds of a payment to the state that they have at the provider: refunds that were asked for here, refunds that
 * were made at the provider, and disputes. The provider's webhook says that something changed, and counts as no proof: the
 * provider is asked. So the number and the order of such calls do not matter.
 *
 * @param ref the provider's name of the payment
 * @returns `nothing` for a payment that has no order of ours
 * @throws ProviderFailure, PostgreSQL's errors: the caller tries again
 */
export async function syncRefunds(deps: RefundDeps, ref: string): Promise<"synced" | "nothing"> {
  const payment = await deps.provider.retrieve(ref)
  if (payment?.attemptId === undefined) return "nothing"
  const order = await readPaidOrder(deps, payment.attemptId)
  if (order?.paymentRef !== ref) return "nothing"
  const found = await deps.provider.refundsOf(ref)
  const known = await readRefundsOf(deps.pool, order.orderId)
  for (const each of found.toReversed()) {
    const refund = refundIn(known, each) ?? (await recordNew(deps, order, each, found))
    if (refund !== undefined) await settle(deps, refund, each)
  }
  return "synced"
}

/** The order of a payment, once it is paid: a refund may be faster than our own answer to the capture. */
async function readPaidOrder(deps: RefundDeps, attemptId: string): Promise<PaidOrder | undefined> {
  const order = await readOrderOfAttempt(deps.pool, attemptId)
  if (order?.status !== "PENDING_CAPTURE") return order?.status === "FAILED" ? undefined : order
  const result = await capturePayment(deps, order.orderId)
  return result === "failed" ? undefined : order
}

const refundIn = (known: readonly RefundRecord[], { ref, refundId }: ProviderRefund): RefundRecord | undefined =>
  known.find((refund) => refund.ref === ref || refund.refundId === refundId)

const reasons = { refund: "made at the payment provider", dispute: "a dispute of the shopper's bank" } as const

/** Records what was made at the provider. @returns undefined for a failed one that was never known: no money moved */
async function recordNew(
  deps: RefundDeps,
  order: PaidOrder,
  found: ProviderRefund,
  all: readonly ProviderRefund[],
): Promise<RefundRecord | undefined> {
  const { ref, kind, status } = found
  if (status === "failed") return undefined
  const amountMinor = kind === "dispute" ? disputedMoney(order, found, all) : found.amountMinor
  const refundId = found.refundId ?? foundRefundIdOf(order.attemptId, ref)
  const origin = kind === "dispute" ? "dispute" : "provider"
  const isNew = await recordFound(deps.pool, order, { refundId, amountMinor, origin, reason: reasons[kind], ref })
  if (isNew && kind === "dispute") {
    count("payment.disputed")
    logger.warn("A shopper's bank disputes a payment; the provider waits for evidence", { orderId: order.orderId, refundId })
  }
  return readRefund(deps.pool, refundId)
}

/**
 * The money of a dispute that the order can count. A bank may dispute the whole payment although a part of it was refunded: the
 * order counts what was left. If nothing was left, the whole is recorded, and settling it says that it exceeds the payment.
 */
function disputedMoney(order: PaidOrder, { amountMinor }: ProviderRefund, all: readonly ProviderRefund[]): number {
  const refunded = all.filter(({ kind, status }) => kind === "refund" && status !== "failed")
  const left = order.amountMinor - refunded.reduce((sum, refund) => sum + refund.amountMinor, 0)
  return left > 0 ? Math.min(amountMinor, left) : amountMinor
}
