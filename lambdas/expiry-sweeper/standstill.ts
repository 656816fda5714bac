/** Since when a partition has records to process, and the first of them. */
interface Standing {
  readonly next: number
  readonly sinceMs: number
}

/** Says how long a partition has not moved although records wait in it, in milliseconds; 0 when none waits, or when it moved. */
export type Standstill = (place: string, offsets: { readonly next: number; readonly end: number }) => number

/** @param nowMs milliseconds of a clock that never goes back */
export function createStandstill(nowMs: () => number = () => performance.now()): Standstill {
  const standing = new Map<string, Standing>()
  return (place, { next, end }) => {
    const before = standing.get(place)
    if (next < end && before?.next === next) return nowMs() - before.sinceMs
    standing.set(place, { next, sinceMs: nowMs() })
    return 0
  }
}
