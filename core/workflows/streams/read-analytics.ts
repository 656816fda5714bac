import type { AnalyticsStore } from "../../adapters/analytics/store.ts"
import { type AnalyticsReport, maxReportedSkus } from "../../contracts/analytics.ts"
import { type Figures, merge, noFigures } from "../../domain/analytics/figures.ts"
import { type Report, reportAt, type Totals } from "../../domain/analytics/report.ts"

/**
 * The figures of every partition together, at a moment.
 *
 * @param skuId the figures of this SKU only; all are 0 when it has no event
 * @throws the store's errors
 */
export async function readAnalytics(store: AnalyticsStore, atMs: number, skuId?: string): Promise<AnalyticsReport> {
  const [generation, stored] = await Promise.all([store.readGeneration(), store.readAll()])
  const records = stored.filter((record) => record.generation === generation).sort((a, b) => a.partition - b.partition)
  const figures = merge(records.map(({ state }) => state))
  return {
    timestamp: new Date(atMs).toISOString(),
    ...(skuId !== undefined && { sku_id: skuId }),
    ...documentOf(reportOf(figures, atMs, skuId)),
    generation,
    partitions: records.map(({ partition, state }) => ({
      partition,
      next_offset: state.nextOffset ?? null,
      skipped_records: state.skippedRecords,
      recreations: state.recreations,
    })),
    ...(skuId === undefined && { skus: busiest(figures, atMs) }),
  }
}

const reportOf = (figures: Figures, atMs: number, skuId?: string): Report => {
  const report = reportAt(figures, atMs, skuId) ?? reportAt(noFigures(), atMs)
  if (report === undefined) throw new Error("There is always a report of all SKUs")
  return report
}

/** The SKUs with the most orders in the last minute, then with the most orders. */
function busiest(figures: Figures, atMs: number): AnalyticsReport["skus"] {
  return [...figures.skus.keys()]
    .map((skuId) => ({ sku_id: skuId, ...documentOf(reportOf(figures, atMs, skuId)) }))
    .sort(
      (a, b) =>
        b.orders_per_minute - a.orders_per_minute || b.totals.accepted - a.totals.accepted || (a.sku_id < b.sku_id ? -1 : 1),
    )
    .slice(0, maxReportedSkus)
}

const documentOf = (report: Report) => ({
  orders_per_minute: report.ordersPerMinute,
  failure_rate_percent: report.failureRatePercent,
  success_rate_percent: report.successRatePercent,
  total_orders: report.totals.accepted + report.totals.refused,
  failed_orders: report.totals.refused,
  reserved_orders: report.totals.reserved,
  throughput_events_per_second: report.eventsPerSecond,
  elapsed_seconds: report.elapsedSeconds,
  last_minute: {
    accepted: report.ordersPerMinute,
    refused: report.refusalsPerMinute,
    failure_rate_percent: report.recentFailureRatePercent,
    success_rate_percent: report.recentSuccessRatePercent,
  },
  totals: totalsDocument(report.totals),
})

const totalsDocument = (totals: Totals): AnalyticsReport["totals"] => ({
  events: totals.events,
  accepted: totals.accepted,
  reserved: totals.reserved,
  waitlisted: totals.waitlisted,
  refused: totals.refused,
  refused_by_reason: { ...totals.refusedByReason },
  promoted: totals.promoted,
  confirmed: totals.confirmed,
  expired: totals.expired,
  cancelled: totals.cancelled,
  lapsed: totals.lapsed,
  paid: totals.paid,
  payment_failed: totals.paymentFailed,
  refunded: totals.refunded,
  units_held: totals.unitsHeld,
  units_confirmed: totals.unitsConfirmed,
  revenue_minor: { ...totals.revenueMinor },
  refunded_minor: { ...totals.refundedMinor },
  first_event_at: timestampOf(totals.firstAtMs),
  last_event_at: timestampOf(totals.lastAtMs),
})

const timestampOf = (atMs: number | undefined): string | null => (atMs === undefined ? null : new Date(atMs).toISOString())
