import { build } from "hdr-histogram-js"

/** Latencies of requests, in milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface Latencies {
  record(ms: number): void
  summary(): LatencySummary
  /** Removes all values, so that the next second is measured alone. */
  reset(): void
}

const microsecondsPerMs = 1_000
const longestUs = 10 * 60 * 1_000 * microsecondsPerMs

/** Latencies with three significant digits, from a microsecond to ten minutes. A longer one counts as ten minutes. */
export function createLatencies(): Latencies {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestUs,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  })
  const percentileMs = (percentile: number) => histogram.getValueAtPercentile(percentile) / microsecondsPerMs
  return {
    record: (ms) => histogram.recordValue(Math.min(longestUs, Math.max(1, Math.round(ms * microsecondsPerMs)))),
    reset: () => histogram.reset(),
    summary: () => ({
      count: histogram.totalCount,
      p50Ms: percentileMs(50),
      p95Ms: percentileMs(95),
      p99Ms: percentileMs(99),
      maxMs: histogram.totalCount === 0 ? 0 : histogram.maxValue / microsecondsPerMs,
    }),
  }
}
