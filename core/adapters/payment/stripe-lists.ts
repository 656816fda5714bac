import { setTimeout as delay } from "node:timers/promises"
import { type ListedPayment, type ListedRefund, type PaymentProvider, ProviderBusy, type ProviderRefund } from "./provider.ts"
import type { StripeCalls } from "./stripe-calls.ts"
import { paymentOf, reservationField } from "./stripe-payment.ts"
import { disputeOf, refundOf } from "./stripe-refunds.ts"

/** Stripe's longest page. */
const pageSize = 100
/** Times that a page waits for its turn: shoppers come first. */
const maxWaits = 20

/** What Stripe's lists have in common. */
interface ListArguments {
  readonly created: { readonly gte: number }
  readonly limit: number
  readonly starting_after?: string
}
interface Page<Each> {
  readonly data: readonly Each[]
  readonly has_more: boolean
}

/** Lists of all payments, and of all money that went back, page by page. */
export function createLists(calls: StripeCalls): Pick<PaymentProvider, "paymentsSince" | "refundsSince"> {
  const { paymentIntents, refunds, disputes, askDefinite } = calls

  /** @throws ProviderFailure, ProviderBusy after `maxWaits` */
  async function* pages<Each extends { readonly id: string }>(
    operation: string,
    seconds: number,
    list: (asked: ListArguments) => Promise<Page<Each>>,
  ): AsyncGenerator<readonly Each[]> {
    const created = { gte: Math.floor(Date.now() / 1_000) - seconds }
    for (let last: string | undefined; ; ) {
      const asked = { created, limit: pageSize, ...(last !== undefined && { starting_after: last }) }
      const { data, has_more } = await inTime(() => askDefinite(operation, () => list(asked)))
      yield data
      last = data.at(-1)?.id
      if (!has_more || last === undefined) return
    }
  }

  return {
    async *paymentsSince(seconds) {
      for await (const page of pages("list payments", seconds, (asked) => paymentIntents.list(asked)))
        yield page.map((intent): ListedPayment => {
          const { [reservationField]: reservationId } = intent.metadata
          return {
            payment: paymentOf(intent),
            amountMinor: intent.amount,
            createdAtMs: intent.created * 1_000,
            ...(reservationId !== undefined && { reservationId }),
          }
        })
    },
    async *refundsSince(seconds) {
      for await (const page of pages("list refunds", seconds, (asked) => refunds.list(asked)))
        yield page.flatMap((refund) => listed(refund.payment_intent, refundOf(refund)))
      for await (const page of pages("list disputes", seconds, (asked) => disputes.list(asked)))
        yield page.flatMap((dispute) => listed(dispute.payment_intent, disputeOf(dispute)))
    },
  }
}

const listed = (paymentRef: unknown, refund: ProviderRefund): ListedRefund[] =>
  typeof paymentRef === "string" ? [{ ...refund, paymentRef }] : []

/** Asks again while shoppers need the provider's turns. */
async function inTime<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof ProviderBusy) || waits >= maxWaits) throw error
      await delay(error.retryAfterMs)
    }
  }
}
