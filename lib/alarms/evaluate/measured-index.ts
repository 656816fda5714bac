import type { Measured } from "../../../core/contracts/measured.ts"
import type { OneMetric } from "../metric-spec.ts"

/** Measurements by metric. A metric has all its dimensions in its identity, as in CloudWatch: nothing is added up over them. */
export interface MeasuredIndex {
  add(measured: Measured): void
  /** The values of each period of a metric, by the start of the period. @param toMs not included; both in milliseconds */
  valuesByPeriod(metric: OneMetric, fromMs: number, toMs: number): ReadonlyMap<number, readonly number[]>
  /** Forgets what was measured before. */
  forgetBefore(beforeMs: number): void
}

interface Flush {
  readonly atMs: number
  readonly values: readonly number[]
}

/** @param measurements in order of time */
export function indexMeasured(measurements: Iterable<Measured> = []): MeasuredIndex {
  const flushes = new Map<string, Flush[]>()

  const index: MeasuredIndex = {
    add({ at_ms, service, name, labels, values }) {
      const key = keyOf(name, { ...labels, service })
      const known = flushes.get(key) ?? []
      if (known.length === 0) flushes.set(key, known)
      known.push({ atMs: at_ms, values })
    },
    valuesByPeriod({ name, dimensions, seconds }, fromMs, toMs) {
      const byPeriod = new Map<number, number[]>()
      for (const { atMs, values } of flushes.get(keyOf(name, dimensions)) ?? []) {
        if (atMs < fromMs || atMs >= toMs) continue
        const period = startOfPeriod(atMs, seconds)
        const known = byPeriod.get(period) ?? []
        if (known.length === 0) byPeriod.set(period, known)
        known.push(...values)
      }
      return byPeriod
    },
    forgetBefore(beforeMs) {
      for (const [key, known] of flushes) {
        const kept = known.filter(({ atMs }) => atMs >= beforeMs)
        if (kept.length === 0) flushes.delete(key)
        else flushes.set(key, kept)
      }
    },
  }
  for (const one of measurements) index.add(one)
  return index
}

const keyOf = (name: string, dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify([name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))])

/** Periods are multiples of their length since 1970. */
export const startOfPeriod = (atMs: number, seconds: number): number => Math.floor(atMs / (seconds * 1_000)) * seconds * 1_000
