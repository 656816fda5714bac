import { cannotTell, type Finding, isNotOk, isOk } from "./line.ts"

/** Clocks of one system may differ by so much. */
export const mostClockDifferenceMs = 100

/** One reading of another clock. */
export interface ClockReading {
  /** The other clock. */
  readonly theirsMs: number
  /** Our clock just before and just after the reading. */
  readonly sentMs: number
  readonly receivedMs: number
}

/** How far a clock is from ours, and by how much that may be wrong. */
export interface ClockDifference {
  readonly differenceMs: number
  readonly uncertaintyMs: number
}

/**
 * The difference by the round trip, as in NTP (RFC 5905, section 8): the answer was made at some moment between the two readings
 * of our clock; half of the round trip is what the difference may be wrong by.
 */
export const clockDifference = ({ theirsMs, sentMs, receivedMs }: ClockReading): ClockDifference => ({
  differenceMs: theirsMs - (sentMs + receivedMs) / 2,
  uncertaintyMs: (receivedMs - sentMs) / 2,
})

/** The reading with the shortest round trip says most. */
export const bestDifference = (readings: readonly ClockReading[]): ClockDifference | undefined =>
  readings
    .map(clockDifference)
    .reduce<ClockDifference | undefined>(
      (best, next) => (best === undefined || next.uncertaintyMs < best.uncertaintyMs ? next : best),
      undefined,
    )

/** A difference above the limit counts when the round trip cannot explain it; a round trip that is too long tells nothing. */
export function judgeClock(difference: ClockDifference | undefined, other: string, mend: string): Finding {
  if (difference === undefined) return cannotTell(`${other} gave no time`, mend)
  const { differenceMs, uncertaintyMs } = difference
  const shown = `${other} is ${ms(differenceMs)} from ours, give or take ${ms(uncertaintyMs)}`
  if (Math.abs(differenceMs) - uncertaintyMs > mostClockDifferenceMs)
    return isNotOk(`${shown}; at most ${mostClockDifferenceMs} ms are allowed`, mend)
  if (Math.abs(differenceMs) + uncertaintyMs > mostClockDifferenceMs)
    return cannotTell(`${shown}: the round trip is too long to tell`, mend)
  return isOk(shown)
}

const ms = (value: number): string => `${Math.round(value * 10) / 10} ms`
