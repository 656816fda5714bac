import type { LedgerIntervals, ReportedSale } from "../../core/contracts/operations/report.ts"
import type { Refusal, Report, SaleOverTime } from "./schema.ts"

/** Kinds of ledger entries whose amount is money that came in, or went back. A failed refund comes back to the shop. */
const ordered = ["confirmed"] as const
const captured = ["paid"] as const
const returned = ["refunded", "refunded_kept", "partly_refunded"] as const
const cameBack = ["refund_failed"] as const

type Interval = LedgerIntervals["intervals"][number]

/** The units and the money of a sale, one value for each interval. Intervals without an entry keep the balances before them. */
export function saleOverTime({ sku_id, before, intervals }: LedgerIntervals, beginnings: readonly string[]): SaleOverTime {
  const byBeginning = new Map(intervals.map((interval) => [Date.parse(interval.begins_at), interval]))
  const result: SaleOverTime = {
    ...{ sku_id, available: [], reserved: [], sold: [], refused: [] },
    ...{ ordered_minor: [], captured_minor: [], refunded_minor: [] },
  }
  let balances = before
  const money = { ordered: 0, captured: 0, refunded: 0 }
  for (const beginning of beginnings) {
    const interval = byBeginning.get(Date.parse(beginning))
    balances = interval?.after ?? balances
    money.ordered += amountOf(interval, ordered)
    money.captured += amountOf(interval, captured)
    money.refunded += amountOf(interval, returned) - amountOf(interval, cameBack)
    result.available.push(Math.max(0, balances.total - balances.reserved - balances.sold))
    result.reserved.push(balances.reserved)
    result.sold.push(balances.sold)
    result.refused.push(Object.values(interval?.refused ?? {}).reduce((sum, requests) => sum + requests, 0))
    result.ordered_minor.push(money.ordered)
    result.captured_minor.push(money.captured)
    result.refunded_minor.push(money.refunded)
  }
  return result
}

const amountOf = (interval: Interval | undefined, kinds: readonly string[]): number =>
  kinds.reduce((sum, kind) => sum + (interval?.entries[kind]?.amount ?? 0), 0)

/** Units above the stock, in the worst entry of the window or in the balances of now. */
export const oversoldOf = (ledgers: readonly LedgerIntervals[], sales: readonly ReportedSale[]): number =>
  Math.max(
    0,
    ...ledgers.flatMap(({ intervals }) => intervals.map(({ oversold }) => oversold)),
    ...sales.map(({ reserved, sold, total }) => reserved + sold - total),
  )

/** What the writer refused of some sales, by reason, the most frequent first. The ledger knows no tier. */
export function decisionRefusalsOf(sales: readonly ReportedSale[]): Refusal[] {
  const byReason = new Map<string, number>()
  for (const { decided } of sales) {
    for (const [reason, requests = 0] of Object.entries(decided.refused)) {
      byReason.set(reason, (byReason.get(reason) ?? 0) + requests)
    }
  }
  return [...byReason]
    .map(([reason, requests]): Refusal => ({ by: "decision", reason, tier: null, requests }))
    .sort((a, b) => b.requests - a.requests)
}

/** The money of the sales' orders until now, by currency. Sums of different currencies are never added. */
export function revenueOf(sales: readonly ReportedSale[]): Report["revenue"] {
  return [...Map.groupBy(sales, ({ currency }) => currency)].map(([currency, ofCurrency]) => {
    const orders = ofCurrency.flatMap((sale) => Object.entries(sale.orders).map(([status, counted]) => ({ status, ...counted })))
    const sum = (of: readonly { readonly amount_minor: number }[]) => of.reduce((minor, each) => minor + each.amount_minor, 0)
    const capturedMinor = sum(orders.filter(({ status }) => status === "PAID" || status === "REFUNDED"))
    const refundedMinor = orders.reduce((minor, order) => minor + order.refunded_minor, 0)
    return {
      currency,
      orders: orders.reduce((number, order) => number + order.orders, 0),
      ordered_minor: sum(orders),
      captured_minor: capturedMinor,
      refunded_minor: refundedMinor,
      kept_minor: capturedMinor - refundedMinor,
    }
  })
}
