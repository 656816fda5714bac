import type { Pool } from "pg"
import type { ListedPayment, PaymentProvider } from "../../adapters/payment/provider.ts"
import {
  differingRefunds,
  expectedOrders,
  knownPayments,
  type PaymentRow,
  type SaleTables,
} from "../../adapters/postgres/reconcile-reads.ts"
import { type DifferenceKind, paymentDifference } from "../../domain/reconcile.ts"
import type { Progress } from "../administration/verify-sale.ts"
import type { FoundDifferences } from "./found-differences.ts"

/** A younger payment may still be in the hands of the call that makes it, or of the reconciler's first try. */
export const paymentGraceSeconds = 60

/** A payment may be so much older than its order: the order of one from before the window is not compared. */
const longestPaymentSeconds = 1_800

/** What the provider says of a SKU's payments in the window. */
export interface ProviderFigures {
  authorised: number
  captured: number
  refundedMinor: number
}

export interface ProviderReads {
  readonly pool: Pool
  readonly provider: PaymentProvider
  readonly seconds: number
  /** The age from which a payment is compared. */
  readonly graceSeconds?: number
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** What is known while the provider's lists are read. Of each payment of the window it keeps an id or two. */
interface Comparison {
  /** SKUs by their numbers. */
  readonly names: ReadonlyMap<number, string>
  readonly figures: Map<string, ProviderFigures>
  /** Attempts whose payment the provider has. */
  readonly seen: Set<string>
  /** The SKU of each captured payment, by the provider's name. */
  readonly captured: Map<string, string>
  /** Captured payments that should not hold money: they do not, once all of it went back. */
  readonly held: Map<string, { kind: DifferenceKind; skuId: string; detail: string; leftMinor: number }>
  others: number
}

/**
 * Compares every payment and refund of the window at the provider with the tables, and then every order with what the provider
 * listed.
 *
 * @returns the figures by SKU, and how many payments are not of this system
 * @throws ProviderFailure, PostgreSQL's errors, and the signal's reason
 */
export async function readProvider(reads: ProviderReads, sales: readonly SaleTables[], found: FoundDifferences) {
  const comparison: Comparison = {
    names: new Map(sales.map(({ skuNo, skuId }) => [skuNo, skuId])),
    figures: new Map(sales.map(({ skuId }) => [skuId, { authorised: 0, captured: 0, refundedMinor: 0 }])),
    ...{ seen: new Set<string>(), captured: new Map(), held: new Map(), others: 0 },
  }
  await comparePayments(reads, comparison, found)
  await compareRefunds(reads, comparison, found)
  for (const [ref, { kind, skuId, detail, leftMinor }] of comparison.held) if (leftMinor > 0) found.note(kind, skuId, ref, detail)
  await compareOrders(reads, comparison, found)
  return { figures: comparison.figures, others: comparison.others }
}

async function comparePayments(reads: ProviderReads, comparison: Comparison, found: FoundDifferences): Promise<void> {
  let payments = 0
  for await (const page of reads.provider.paymentsSince(reads.seconds)) {
    reads.signal.throwIfAborted()
    const named = page.filter(isNamed)
    comparison.others += page.length - named.length
    const asked = named.map(({ payment, reservationId }) => ({ attemptId: payment.attemptId, reservationId }))
    for (const [index, row] of (await knownPayments(reads.pool, asked)).entries()) {
      const listed = named[index]
      if (listed !== undefined) comparePayment(reads, comparison, listed, row, found)
    }
    payments += page.length
    reads.progress("the payments of the provider", { payments })
  }
}

function comparePayment(
  { graceSeconds = paymentGraceSeconds }: ProviderReads,
  comparison: Comparison,
  { payment: { ref, status, attemptId }, amountMinor, createdAtMs }: Named,
  row: PaymentRow,
  found: FoundDifferences,
): void {
  if (row.skuNo === undefined) comparison.others += 1
  const skuId = comparison.names.get(row.skuNo ?? -1)
  const figure = skuId === undefined ? undefined : comparison.figures.get(skuId)
  if (skuId === undefined || figure === undefined) return
  comparison.seen.add(attemptId)
  if (status === "authorised") figure.authorised += 1
  if (status === "captured") {
    figure.captured += 1
    comparison.captured.set(ref, skuId)
  }
  const kind = paymentDifference(status, row, (Date.now() - createdAtMs) / 1_000, graceSeconds)
  if (kind === undefined) return
  const detail = `the payment is ${status}, the attempt ${row.attempt ?? "unknown"}, the order ${row.order ?? "unknown"}`
  if (status === "captured" && row.orderId === undefined)
    comparison.held.set(ref, { kind, skuId, detail, leftMinor: amountMinor })
  else found.note(kind, skuId, idOf(kind, row, ref), detail)
}

async function compareRefunds(reads: ProviderReads, comparison: Comparison, found: FoundDifferences): Promise<void> {
  const { names, figures, captured, held } = comparison
  for await (const page of reads.provider.refundsSince(reads.seconds)) {
    reads.signal.throwIfAborted()
    for (const { paymentRef, status, amountMinor } of page) {
      const figure = figures.get(captured.get(paymentRef) ?? "")
      if (figure && status === "succeeded") figure.refundedMinor += amountMinor
      const kept = held.get(paymentRef)
      if (kept && status !== "failed") kept.leftMinor -= amountMinor
    }
    for (const { paymentRef, skuNo } of await differingRefunds(reads.pool, [...names.keys()], page))
      found.note(
        "refund-differs",
        names.get(skuNo) ?? "",
        paymentRef,
        "a refund or a dispute has another state than in the tables",
      )
  }
}

async function compareOrders(reads: ProviderReads, { names, seen }: Comparison, found: FoundDifferences): Promise<void> {
  const { pool, seconds, graceSeconds = paymentGraceSeconds } = reads
  const window = { seconds: seconds - longestPaymentSeconds, graceSeconds }
  for await (const page of expectedOrders(pool, [...names.keys()], window)) {
    for (const { orderId, attemptId, skuNo } of page)
      if (!seen.has(attemptId))
        found.note("paid-without-money", names.get(skuNo) ?? "", orderId, "the provider lists no payment of the order")
  }
}

/** A payment with the metadata of ours. */
type Named = ListedPayment & { readonly payment: { readonly attemptId: string }; readonly reservationId: string }

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const isNamed = (listed: ListedPayment): listed is Named =>
  uuidShape.test(listed.payment.attemptId ?? "") && uuidShape.test(listed.reservationId ?? "")

/** The id by which a difference is mended: the order where there is one to capture, otherwise the payment. */
const idOf = (kind: DifferenceKind, { orderId }: PaymentRow, ref: string): string =>
  kind === "captured-not-paid" || kind === "not-captured" || kind === "paid-without-money" ? (orderId ?? ref) : ref
