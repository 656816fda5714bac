import { webhooksPerCheckout } from "../../lib/capacity/demand.ts"
import type { StageConfig } from "../../lib/config.ts"
import { type Asked, askedMetrics, endpointFunctions, ownLatencies, stages } from "./measured-metrics.ts"
import type { MetricsHistory, Series } from "./metrics-history.ts"
import type { Endpoint, Flagged, Peak, Refusal, Report } from "./schema.ts"
import { added, greatest, medianOf, totalOf, withNulls } from "./series.ts"
import { beginningsOf, type Window } from "./window.ts"

/** The series of a figure, with the labels of each. */
interface Found {
  readonly labels: Readonly<Record<string, string>>
  readonly series: Series
}

/** Everything that a report takes from metrics. */
export interface Measurements {
  readonly window: Window
  /** The beginnings of the intervals, RFC 3339. */
  readonly intervals: readonly string[]
  /** Every series of a figure. @param labels that they must have */
  all(figure: string, labels?: Readonly<Record<string, string>>): readonly Found[]
  /** The series of a figure, added up. */
  sum(figure: string, labels?: Readonly<Record<string, string>>): Series
}

/** Reads every metric of a report. @param stageName a deployed stage @throws the errors of the history */
export async function readMeasurements(
  history: MetricsHistory,
  window: Window,
  stageName: string | undefined,
): Promise<Measurements> {
  const asked = askedMetrics(stageName)
  const series = await history.read(
    asked.map(({ metric }) => metric),
    window,
  )
  return measurementsOf(asked, series, window)
}

/** @param series one for each of `asked`, in their order */
export function measurementsOf(asked: readonly Asked[], series: readonly Series[], window: Window): Measurements {
  const byFigure = Map.groupBy(
    asked.map(({ figure, labels }, index) => ({ figure, labels, series: series[index] ?? [] })),
    ({ figure }) => figure,
  )
  const intervals = beginningsOf(window).map((ms) => new Date(ms).toISOString())
  const all: Measurements["all"] = (figure, labels = {}) =>
    (byFigure.get(figure) ?? []).filter((found) =>
      Object.entries(labels).every(([label, value]) => found.labels[label] === value),
    )
  return {
    window,
    intervals,
    all,
    sum: (figure, labels) =>
      added(
        all(figure, labels).map((found) => found.series),
        intervals.length,
      ),
  }
}

/** Requests, errors and latencies of each endpoint; endpoints that nobody called are left out. */
export function endpointsOf(measured: Measurements): Endpoint[] {
  return endpointFunctions.flatMap((service): Endpoint[] => {
    const requests = measured.sum("requests", { service })
    if (totalOf(requests) === null) return []
    const errors = measured.sum("errors", { service })
    const p95 = measured.sum("p95", { service })
    const p99 = measured.sum("p99", { service })
    const worst = greatest(p95)
    const has = measured.all("p95", { service }).length > 0
    return [
      {
        endpoint: service,
        requests: totalOf(requests),
        errors: totalOf(errors) ?? 0,
        latency_of: has ? (ownLatencies[service as keyof typeof ownLatencies]?.of ?? "duration of the function's calls") : null,
        worst_p95_ms: worst?.value ?? null,
        worst_p99_ms: greatest(p99)?.value ?? null,
        worst_at: at(measured, worst),
        median_p95_ms: medianOf(p95),
        over_time: { requests: withNulls(requests), errors: withNulls(errors), p95_ms: withNulls(p95), p99_ms: withNulls(p99) },
      },
    ]
  })
}

const at = ({ intervals }: Measurements, found: { readonly index: number } | undefined): string | null =>
  found === undefined ? null : (intervals[found.index] ?? null)

/** How many reads of the stock Redis answered. */
export function cacheOf(measured: Measurements): Report["cache"] {
  const hits = measured.sum("hits")
  const misses = measured.sum("misses")
  const share = (hit: number | null | undefined, miss: number | null | undefined): number | null => {
    const lookups = (hit ?? 0) + (miss ?? 0)
    return lookups === 0 ? null : (hit ?? 0) / lookups
  }
  return {
    hits: totalOf(hits),
    misses: totalOf(misses),
    hit_share: share(totalOf(hits), totalOf(misses)),
    over_time: { hit_share: hits.map((hit, index) => share(hit, misses[index])) },
  }
}

/** What admission refused, by reason and tier, the most frequent first. */
export function admissionRefusalsOf(measured: Measurements): Refusal[] {
  const byKind = Map.groupBy(measured.all("refused"), ({ labels }) => JSON.stringify([labels.reason, labels.tier]))
  return [...byKind.values()]
    .flatMap((found): Refusal[] => {
      const { reason = "", tier = "" } = found[0]?.labels ?? {}
      const requests = found.reduce((sum, { series }) => sum + (totalOf(series) ?? 0), 0)
      return requests === 0 ? [] : [{ by: "admission", reason, tier: tier === "none" ? null : tier, requests }]
    })
    .sort((a, b) => b.requests - a.requests)
}

/** Requests of flagged clients, in all and by signal. */
export function flaggedOf(measured: Measurements): Pick<Flagged, "requests" | "by_signal"> {
  const byKind = Map.groupBy(measured.all("signal"), ({ labels }) => JSON.stringify([labels.reason, labels.tier]))
  const bySignal = [...byKind.values()].flatMap((found) => {
    const { reason: signal = "", tier: claimed_tier = "" } = found[0]?.labels ?? {}
    const requests = found.reduce((sum, { series }) => sum + (totalOf(series) ?? 0), 0)
    return requests === 0 ? [] : [{ signal, claimed_tier, requests }]
  })
  return { requests: totalOf(measured.sum("flagged")), by_signal: bySignal.sort((a, b) => b.requests - a.requests) }
}

/** The queue before the writer, at its fullest and at its slowest. */
export function queueOf(measured: Measurements): Report["queue"] {
  const depth = measured.sum("depth")
  const wait = measured.sum("wait")
  const deepest = greatest(depth)
  const longest = greatest(wait)
  return {
    deepest_records: deepest?.value ?? null,
    deepest_at: at(measured, deepest),
    longest_wait_ms: longest?.value ?? null,
    longest_wait_at: at(measured, longest),
    over_time: {
      records: withNulls(depth),
      wait_p95_ms: withNulls(measured.sum("wait p95")),
      decided: withNulls(measured.sum("decided")),
    },
  }
}

/** The rates that a stage is declared to carry, beside the fullest interval. */
export function peaksOf(measured: Measurements, { capacity }: StageConfig): Peak[] {
  const { window, intervals } = measured
  const of = (...services: readonly string[]) =>
    added(
      services.map((service) => measured.sum("requests", { service })),
      intervals.length,
    )
  const rows = [
    { what: "reservations", planned: capacity.peakReservationsPerSecond, series: of("reserve", "reserve-batch") },
    {
      what: "reads of the stock behind the edge's cache",
      planned: capacity.peakReadsPerSecond * (1 - capacity.edgeHitRate),
      series: of("availability"),
    },
    { what: "status polls, cancels and orders", planned: capacity.pollsPerSecond, series: of("reservation", "orders") },
    {
      what: "checkouts, with the provider's webhook calls",
      planned: capacity.checkoutsPerSecond * (1 + webhooksPerCheckout),
      series: of("checkout"),
    },
  ]
  return rows.map(({ what, planned, series }) => {
    const peak = greatest(series)
    const rate = peak === undefined ? null : peak.value / window.intervalSeconds
    const shareOfPlan = rate === null || planned === 0 ? null : rate / planned
    return { what, planned_per_second: planned, measured_per_second: rate, at: at(measured, peak), share_of_plan: shareOfPlan }
  })
}

/** Why requests failed, as far as it is counted, the most frequent first. */
export function errorsOf(measured: Measurements): Report["errors"] {
  const counted = (figure: string, cause: string, where: string) => {
    const times = totalOf(measured.sum(figure))
    return times ? [{ cause, where, times }] : []
  }
  const problems = measured.all("problem").flatMap(({ labels, series }) => {
    const times = totalOf(series)
    return times ? [{ cause: labels.problem ?? "", where: labels.service ?? "", times }] : []
  })
  return [
    ...problems,
    ...counted("produce errors", "a request could not be queued, or it is unknown whether it was", "Kafka"),
    ...counted("payment failed", "a payment failed without an answer of the bank", "payment provider"),
    ...counted("redis away", "a call continued without Redis", "Redis"),
    ...counted("quarantine", "a record could not be decided, and is in quarantine", "batch-writer"),
  ].sort((a, b) => b.times - a.times)
}

/** The part that was above its level first, and when; undefined when none was. */
export function firstBottleneck(measured: Measurements): { readonly text: string; readonly at: string } | undefined {
  const crossed = stages.flatMap(({ figure, level, text }) => {
    const index = measured.sum(figure).findIndex((value) => value !== undefined && value > level)
    return index < 0 ? [] : [{ text, index }]
  })
  const first = crossed.sort((a, b) => a.index - b.index)[0]
  return first && { text: first.text, at: measured.intervals[first.index] ?? "" }
}
