import type { LedgerIntervals, ReportedSale } from "../../../core/contracts/operations/report.ts"
import type { OpsRequest } from "../../../core/contracts/ops.ts"
import { stages } from "../../../lib/stages.ts"
import type { Ask } from "../../../ops/client.ts"
import { collectReport } from "../../../ops/report/collect.ts"
import type { MetricsHistory } from "../../../ops/report/metrics-history.ts"
import type { Report } from "../../../ops/report/schema.ts"

export const beginMs = Date.parse("2026-11-27T09:00:00.000Z")
/** A moment so many seconds after the opening. */
export const momentAfter = (seconds: number): string => new Date(beginMs + seconds * 1_000).toISOString()

/** A sale of ten units, sold out after 25 s. */
export const givenSale = (more: Partial<ReportedSale> = {}): ReportedSale => ({
  ...{ sku_id: "phone", name: "A phone", price_minor: 500, currency: "EUR", status: "closed" },
  ...{ total: 10, reserved: 2, sold: 8, waitlisted: 0 },
  ...{ opened_at: momentAfter(0), closed_at: null, sold_out_at: momentAfter(25), last_entry_at: momentAfter(60) },
  decided: { reserved: 10, waitlisted: 0, refused: { "sold-out": 5 } },
  accounts: 10,
  orders: {
    PAID: { currency: "EUR", orders: 7, amount_minor: 3_500, refunded_minor: 100 },
    PENDING_CAPTURE: { currency: "EUR", orders: 1, amount_minor: 500, refunded_minor: 0 },
  },
  refunds: [{ origin: "operator", state: "SUCCEEDED", currency: "EUR", refunds: 1, amount_minor: 100 }],
  attempts: [{ status: "CONFIRMED", decline_code: null, attempts: 8 }],
  ...{ ledger_seq: 12, head_hash: "ab".repeat(32) },
  ...more,
})

export const givenLedger: LedgerIntervals = {
  sku_id: "phone",
  before: { total: 10, reserved: 0, sold: 0 },
  intervals: [
    {
      ...{ begins_at: momentAfter(20), after: { total: 10, reserved: 10, sold: 0 }, oversold: 0 },
      ...{ entries: { decided: { entries: 1, amount: 10 } }, refused: { "sold-out": 5 } },
    },
    {
      ...{ begins_at: momentAfter(50), after: { total: 10, reserved: 2, sold: 8 }, oversold: 0 },
      entries: {
        confirmed: { entries: 8, amount: 4_000 },
        paid: { entries: 1, amount: 3_500 },
        partly_refunded: { entries: 1, amount: 100 },
      },
      refused: {},
    },
  ],
}

/** By metric name: values of intervals, by their number. */
export type Values = Readonly<Record<string, Readonly<Record<number, number>>>>

/** A history that has these values for the function named first in `<function> <metric>`, with labels behind. */
export const givenHistory = (values: Values): MetricsHistory => ({
  source: "Values of a test.",
  leastSeconds: () => 10,
  read: async (metrics, { fromMs, toMs, intervalSeconds }) =>
    metrics.map(({ name, dimensions: { service, ...labels }, statistic }) => {
      const known = values[[service, name, ...Object.values(labels), ...(statistic.startsWith("p") ? [statistic] : [])].join(" ")]
      const length = (toMs - fromMs) / (intervalSeconds * 1_000)
      return Array.from({ length }, (_, index) => known?.[index])
    }),
})

/** Answers what a report asks the ops function for. */
export const givenAsk = (sale: ReportedSale, more: Readonly<Record<string, unknown>> = {}): Ask =>
  (async ({ command }: OpsRequest) => {
    const answers: Readonly<Record<string, unknown>> = {
      "report-sales": { sales: [sale], left_out: 0, read_at: momentAfter(100) },
      "report-ledger": { ...givenLedger, sku_id: sale.sku_id },
      "report-flagged": { accepted: 3, paid: 2, units_paid: 2 },
      "verify-sale": { ok: true, entries: 12, decisions: 15, fullestBySku: {}, violations: [] },
      ...more,
    }
    return answers[command]
  }) as unknown as Ask

/** The report of a sale with some metrics. */
export const givenReport = (
  sale: ReportedSale = givenSale(),
  values: Values = {},
  answers: Readonly<Record<string, unknown>> = {},
): Promise<Report> =>
  collectReport(
    { skuIds: [], stage: undefined },
    {
      ask: givenAsk(sale, answers),
      sources: {
        history: givenHistory(values),
        tripped: async () => [],
        flagged: async () => ({ users: new Set(["0000beef"]), leftOut: 4 }),
      },
      planned: stages.dev,
      progress: () => {},
      nowMs: beginMs + 600_000,
    },
  )
