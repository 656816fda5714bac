import type { Series } from "./metrics-history.ts"

/** The sum of the values; null when nothing was measured. */
export function totalOf(series: Series): number | null {
  const values = series.filter((value) => value !== undefined)
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0)
}

/** Adds series up, interval by interval. Nothing measured in all of them is nothing measured. */
export function added(all: readonly Series[], length: number): Series {
  return Array.from({ length }, (_, index) => {
    const values = all.map((series) => series[index]).filter((value) => value !== undefined)
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
  })
}

/** The greatest value and its interval; undefined when nothing was measured. */
export function greatest(series: Series): { readonly value: number; readonly index: number } | undefined {
  return series.reduce<{ value: number; index: number } | undefined>(
    (best, value, index) => (value === undefined || (best && best.value >= value) ? best : { value, index }),
    undefined,
  )
}

/** The middle value; null when nothing was measured. */
export function medianOf(series: Series): number | null {
  const sorted = series.filter((value) => value !== undefined).toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}

/** The series as JSON has it: null where nothing was measured. */
export const withNulls = (series: Series): (number | null)[] => series.map((value) => value ?? null)
