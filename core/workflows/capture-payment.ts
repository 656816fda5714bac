import type { Pool } from "pg"
import { giveBack, type PaymentProvider } from "../adapters/payment/provider.ts"
import { readCapture } from "../adapters/postgres/payments.ts"
import { count, logger } from "../adapters/telemetry.ts"
import type { NotePaid } from "./note-paid.ts"
import type { Settle } from "./settle.ts"

export interface CaptureDeps {
  /** Connections of any role that may read orders and attempts. */
  readonly pool: Pool
  readonly provider: PaymentProvider
  readonly settle: Settle
  readonly notePaid: NotePaid
}

/**
 * Collects the money of an order: PENDING_CAPTURE becomes PAID, or FAILED when the provider refuses for good; then what is left of the
 * authorisation is released and the unit goes back to stock. Repeating it, also side by side, takes effect once: the provider knows the
 * attempt, and the order moves only from PENDING_CAPTURE.
 *
 * @returns `settled` when there was nothing to collect any more
 * @throws OutcomeUnknown, PostgreSQL's errors: try again
 */
export async function capturePayment(deps: CaptureDeps, orderId: string): Promise<"paid" | "failed" | "settled"> {
  const facts = await readCapture(deps.pool, orderId)
  if (facts === undefined) return "settled"
  const payment = { attemptId: facts.attemptId, ref: facts.providerRef }
  const capture = await deps.provider.capture(payment)
  if (capture.kind === "captured") {
    await deps.notePaid(facts.skuNo, orderId)
    return "paid"
  }
  count("payment.failed")
  logger.error("A payment could not be captured; its unit goes back to stock", { orderId, code: capture.code })
  await giveBack(deps.provider, payment)
  await deps.settle(facts.skuNo, { kind: "revoke", orderId, as: "payment_failed" })
  return "failed"
}
