import { setTimeout as delay } from "node:timers/promises"
import { prometheusTextOf, type WriteReport } from "../../core/adapters/analytics/reports.ts"
import type { AnalyticsStore } from "../../core/adapters/analytics/store.ts"
import { prometheusContentType } from "../../core/adapters/prometheus.ts"
import { count, flushMetrics, logger, record } from "../../core/adapters/telemetry.ts"
import { type AnalyticsReport, reportFiles } from "../../core/contracts/analytics.ts"
import { readAnalytics } from "../../core/workflows/streams/read-analytics.ts"

export interface ReportDeps {
  readonly store: AnalyticsStore
  readonly write: WriteReport
}

/** Milliseconds between two reports. */
export const reportIntervalMs = 10_000
/** How often a pause looks whether the process must end. */
const checkIntervalMs = 500

/**
 * Writes a report every ten seconds until time is up. A report that fails is not repeated: the next one follows soon.
 *
 * @param timeLeftMs milliseconds until the invocation must end
 */
export async function reportUntil(deps: ReportDeps, timeLeftMs: () => number): Promise<void> {
  for (let nextMs = performance.now(); timeLeftMs() > 0; ) {
    await report(deps).catch((error: unknown) => {
      logger.error("The report of analytics could not be written; the next one follows in ten seconds", { error: error as Error })
    })
    nextMs += reportIntervalMs
    while (performance.now() < nextMs && timeLeftMs() > 0) {
      await delay(Math.max(0, Math.min(checkIntervalMs, nextMs - performance.now())))
    }
  }
}

/** Reads the figures of all partitions, and writes them as files and as metrics. @throws the errors of store and storage */
export async function report({ store, write }: ReportDeps): Promise<AnalyticsReport> {
  const read = await readAnalytics(store, Date.now())
  await write(reportFiles.json, `${JSON.stringify(read, undefined, 2)}\n`, "application/json")
  await write(reportFiles.prometheus, prometheusTextOf(read), prometheusContentType)
  record("analytics.orders.per.minute", read.orders_per_minute)
  record("analytics.failure.rate", read.failure_rate_percent)
  record("analytics.success.rate", read.success_rate_percent)
  record("analytics.throughput", read.throughput_events_per_second)
  record("analytics.orders", read.total_orders)
  record("analytics.orders.failed", read.failed_orders)
  record("analytics.orders.reserved", read.reserved_orders)
  count("analytics.reported")
  flushMetrics()
  return read
}
