import { addCounts, type Counts, type CountsByName, counterNames, noCounts } from "./counts.ts"
import { type Figures, type SecondCounts, secondOf, windowSeconds } from "./figures.ts"

/** Counters that do not change any more once their events are counted: a replay of the same events gives the same ones. */
export interface Totals extends Readonly<Counts> {
  /** Decided RESERVED or WAITLISTED. */
  readonly accepted: number
  readonly refusedByReason: Readonly<Record<string, number>>
  readonly revenueMinor: Readonly<Record<string, number>>
  readonly refundedMinor: Readonly<Record<string, number>>
  /** When the first and the last event happened, in milliseconds since the epoch; absent without events. */
  readonly firstAtMs?: number
  readonly lastAtMs?: number
}

/** The figures at a moment, of one SKU or of all. */
export interface Report {
  /** Accepted reservations of the last 60 s. */
  readonly ordersPerMinute: number
  /** Refused requests of the last 60 s. */
  readonly refusalsPerMinute: number
  /** Refused requests in percent of the decided ones, since the first event; 0 while nothing is decided. */
  readonly failureRatePercent: number
  /** Accepted requests in percent of the decided ones, since the first event; 0 while nothing is decided. */
  readonly successRatePercent: number
  /** The same two of the last 60 s. */
  readonly recentFailureRatePercent: number
  readonly recentSuccessRatePercent: number
  /** Events a second in the last 60 s; of a sale that began less than 60 s ago, since it began. */
  readonly eventsPerSecond: number
  /** Seconds since the first event; 0 before it. */
  readonly elapsedSeconds: number
  readonly totals: Totals
}

/** The counters of one SKU, or of all; undefined when the SKU has no event. Names are sorted: equal totals have equal JSON. */
export function totalsOf(figures: Figures, skuId?: string): Totals | undefined {
  const sum = noCounts()
  let [firstAtMs, lastAtMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const sku of skuId === undefined ? figures.skus.values() : [figures.skus.get(skuId)]) {
    if (sku === undefined) return undefined
    addCounts(sum, sku.counts)
    firstAtMs = Math.min(firstAtMs, sku.firstAtMs)
    lastAtMs = Math.max(lastAtMs, sku.lastAtMs)
  }
  return {
    ...(Object.fromEntries(counterNames.map((name) => [name, sum[name]])) as unknown as Counts),
    accepted: sum.reserved + sum.waitlisted,
    refusedByReason: sorted(sum.refusedByReason),
    revenueMinor: sorted(sum.revenueMinor),
    refundedMinor: sorted(sum.refundedMinor),
    ...(lastAtMs >= firstAtMs && { firstAtMs, lastAtMs }),
  }
}

/**
 * The figures of the 60 s that end with the second of `atMs`, and of everything before, by the time of the events. A request is
 * decided once: it succeeds when it is RESERVED or WAITLISTED, and fails when it is refused. What becomes of a reservation later
 * does not change the rates.
 *
 * @param atMs milliseconds since the epoch, at most 30 s before the newest event
 * @returns undefined when the SKU has no event
 */
export function reportAt(figures: Figures, atMs: number, skuId?: string): Report | undefined {
  const totals = totalsOf(figures, skuId)
  if (totals === undefined) return undefined
  const recent = countsOfWindow(figures, atMs, skuId)
  const elapsedSeconds = totals.firstAtMs === undefined ? 0 : Math.max(0, (atMs - totals.firstAtMs) / 1_000)
  return {
    ordersPerMinute: recent.accepted,
    refusalsPerMinute: recent.refused,
    failureRatePercent: percentOf(totals.refused, totals.accepted + totals.refused),
    successRatePercent: percentOf(totals.accepted, totals.accepted + totals.refused),
    recentFailureRatePercent: percentOf(recent.refused, recent.accepted + recent.refused),
    recentSuccessRatePercent: percentOf(recent.accepted, recent.accepted + recent.refused),
    eventsPerSecond: rounded(recent.events / Math.min(windowSeconds, Math.max(1, elapsedSeconds))),
    elapsedSeconds: rounded(elapsedSeconds),
    totals,
  }
}

function countsOfWindow({ seconds }: Figures, atMs: number, skuId?: string): SecondCounts {
  const sum: SecondCounts = { events: 0, accepted: 0, refused: 0 }
  const last = secondOf(atMs)
  for (let second = last - windowSeconds + 1; second <= last; second++) {
    const skus = seconds.get(second)
    if (skus === undefined) continue
    for (const counts of skuId === undefined ? skus.values() : [skus.get(skuId)]) {
      if (counts === undefined) continue
      sum.events += counts.events
      sum.accepted += counts.accepted
      sum.refused += counts.refused
    }
  }
  return sum
}

const percentOf = (part: number, whole: number): number => (whole === 0 ? 0 : rounded((100 * part) / whole))

/** Three digits after the point are enough for people, and make files of equal figures equal. */
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000

const sorted = (counts: CountsByName): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
