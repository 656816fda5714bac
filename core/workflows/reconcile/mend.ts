import { cancelOrRefund, type ProviderPayment } from "../../adapters/payment/provider.ts"
import { readAttempt } from "../../adapters/postgres/known-payments.ts"
import type { SaleFiguresReader } from "../../adapters/redis/sale-figures.ts"
import { logger } from "../../adapters/telemetry.ts"
import type { Mended } from "../../contracts/operations/reconcile.ts"
import type { DifferenceKind } from "../../domain/reconcile.ts"
import { capturePayment } from "../payments/capture-payment.ts"
import type { RefundDeps } from "../payments/settle-refund.ts"
import { syncRefunds } from "../payments/sync-refunds.ts"

/** What mending needs. The pool may be of any role that writes refunds and retries. */
export interface MendDeps extends RefundDeps {
  readonly sales: SaleFiguresReader
  /** Writes to Redis what it lacks. */
  readonly warm: () => Promise<void>
}

/** A difference that has a way to be mended. */
export interface MendRequest {
  readonly kind: DifferenceKind
  readonly skuNo: number
  readonly ids: readonly string[]
}

/** Mends one thing. It looks at its present state first, and throws when that is another one than was listed. */
type Mend = (deps: MendDeps, skuNo: number, id: string) => Promise<void>

/** How each kind is mended; a kind that is missing here is never mended by a command. */
const mends: Partial<Record<DifferenceKind, Mend>> = {
  "hold-overdue": async ({ applyCommand }, skuNo) => {
    await applyCommand(skuNo, { kind: "expire" })
  },
  "redis-differs": async ({ sales, warm }, skuNo) => {
    await sales.forget(skuNo)
    await warm()
  },
  "captured-not-paid": captureOrder,
  "not-captured": captureOrder,
  "paid-without-capture": async ({ provider }, _, ref) => {
    const { attemptId } = await paymentNamed({ provider }, ref, "authorised")
    const result = await provider.capture({ attemptId, ref })
    if (result.kind === "failed") throw new Error(`The provider does not capture it: ${result.code}`)
  },
  "authorised-without-attempt": async (deps, _, ref) => {
    const { attemptId } = await paymentNamed(deps, ref, "authorised")
    if ((await readAttempt(deps.pool, attemptId)) !== undefined) throw new Error("Its attempt is known by now")
    await deps.provider.void({ attemptId, ref })
  },
  "abandoned-holds-money": async (deps, _, ref) => {
    const payment = await paymentNamed(deps, ref)
    const attempt = await readAttempt(deps.pool, payment.attemptId)
    if (attempt?.status !== "ABANDONED") throw new Error(`Its attempt is ${attempt?.status ?? "unknown"} by now`)
    await cancelOrRefund(deps.provider, payment)
  },
  "refund-differs": async (deps, _, ref) => {
    if ((await syncRefunds(deps, ref)) === "nothing") throw new Error("The payment has no paid order")
  },
}

async function captureOrder(deps: MendDeps, _: number, orderId: string): Promise<void> {
  await capturePayment(deps, orderId)
}

/** The payment as it stands now. @throws Error for one that has another status by now */
async function paymentNamed(
  { provider }: Pick<MendDeps, "provider">,
  ref: string,
  expected?: ProviderPayment["status"],
): Promise<ProviderPayment & { readonly attemptId: string }> {
  const payment = await provider.retrieve(ref)
  if (payment?.attemptId === undefined) throw new Error("The provider has no such payment of ours")
  if (expected !== undefined && payment.status !== expected) throw new Error(`The payment is ${payment.status} by now`)
  return { ...payment, attemptId: payment.attemptId }
}

/**
 * Mends a difference. A repeated call changes nothing more: every step is a command, a capture or a cancel that takes effect
 * once. What fails is reported, and the others go on.
 *
 * @returns undefined for a kind that no command mends
 */
export async function mend(deps: MendDeps, { kind, skuNo, ids }: MendRequest): Promise<Mended | undefined> {
  const mendOne = mends[kind]
  if (mendOne === undefined) return undefined
  // Of a SKU, not of its ids: one step mends them all.
  const steps = kind === "hold-overdue" ? ids.slice(0, 1) : ids
  const failed: Mended["failed"] = []
  for (const id of steps) {
    try {
      await mendOne(deps, skuNo, id)
    } catch (error) {
      logger.warn("A difference could not be mended; the next reconciliation lists it again", {
        ...{ skuNo, reason: kind, place: id },
        error: error as Error,
      })
      failed.push({ id, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return { mended: ids.length - failed.length, failed }
}
