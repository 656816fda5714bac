import { rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { AnalyticsReport } from "../../contracts/analytics.ts"
import { type Family, prometheusName, renderFamilies } from "../prometheus.ts"

/** Writes one file of a report. A reader sees the previous file or this one, never a part. @throws the errors of the storage */
export type WriteReport = (name: string, text: string, contentType: string) => Promise<void>

/** Writes reports into a folder: beside the file of a report, then in its place. */
export const reportFolder =
  (folder: string): WriteReport =>
  async (name, text) => {
    const path = join(folder, name)
    const part = `${path}.${process.pid}.part`
    await writeFile(part, text)
    await rename(part, path)
  }

type Figures = Pick<AnalyticsReport, (typeof gauges)[number]>

/** The figures that Prometheus gets for all SKUs and for each SKU of the report. */
const gauges = [
  "orders_per_minute",
  "failure_rate_percent",
  "success_rate_percent",
  "total_orders",
  "failed_orders",
  "reserved_orders",
  "throughput_events_per_second",
  "elapsed_seconds",
] as const satisfies readonly (keyof AnalyticsReport)[]

/** A report in Prometheus' text format: figures without a label are of all SKUs, `sku` labels those of one. */
export function prometheusTextOf(report: AnalyticsReport): string {
  const of: readonly { readonly labels: Readonly<Record<string, string>>; readonly figures: Figures }[] = [
    { labels: {}, figures: report },
    ...(report.skus ?? []).map((sku) => ({ labels: { sku: sku.sku_id }, figures: sku })),
  ]
  const family = (name: string, samples: Family["samples"]): Family => ({
    name: prometheusName(`analytics.${name}`),
    type: "gauge",
    samples,
  })
  const byCurrency = Object.entries(report.totals.revenue_minor).map(([currency, value]) => ({ labels: { currency }, value }))
  const offsets = report.partitions.map((each) => ({
    labels: { partition: String(each.partition) },
    value: each.next_offset ?? 0,
  }))
  return renderFamilies([
    ...gauges.map((name) =>
      family(
        name,
        of.map(({ labels, figures }) => ({ labels, value: figures[name] })),
      ),
    ),
    family("revenue_minor", byCurrency),
    family("next_offset", offsets),
    family("generation", [{ labels: {}, value: report.generation }]),
    family("timestamp_seconds", [{ labels: {}, value: Date.parse(report.timestamp) / 1_000 }]),
  ])
}
