import type { Random } from "./random.ts"

/**
 * The reference sale: 80 % of the shoppers arrive in its first phase (30 s of it). The rate rises sharply and then stays at the
 * peak.
 */
export const firstPhaseShare = 0.8
/** The part of the first phase in which the rate rises from zero to the peak. */
const riseShare = 0.1
/** The tail is this many times as long as the first phase. Its rate falls linearly to zero. */
const tailPhases = 3

export interface Crowd {
  readonly shoppers: number
  readonly peakPerSecond: number
}

/** The curve of the sale, compressed to this number of shoppers: the ends of its phases, in milliseconds from the opening. */
export interface Curve {
  readonly riseMs: number
  readonly firstPhaseMs: number
  readonly endMs: number
}

/** The reference sale's curve for a number of shoppers. Fewer shoppers or a higher peak make a shorter sale of the same shape. */
export function curveOf({ shoppers, peakPerSecond }: Crowd): Curve {
  // The rise is a triangle: half as many shoppers arrive as on the plateau in the same time.
  const firstPhaseMs = (firstPhaseShare * shoppers * 1_000) / (peakPerSecond * (1 - riseShare / 2))
  return { riseMs: riseShare * firstPhaseMs, firstPhaseMs, endMs: firstPhaseMs * (1 + tailPhases) }
}

/**
 * The arrival times of the shoppers, in milliseconds from the opening, sorted. They are a Poisson process whose rate follows the
 * curve, with a given number of arrivals: then the arrivals are independent draws from the curve.
 */
export function arrivalTimes(crowd: Crowd, random: Random): Float64Array {
  const curve = curveOf(crowd)
  return Float64Array.from({ length: crowd.shoppers }, () => momentOf(random(), curve)).sort()
}

/** The time by which a share of all shoppers has arrived. */
function momentOf(share: number, { riseMs, firstPhaseMs, endMs }: Curve): number {
  const riseCarries = (firstPhaseShare * riseShare) / (2 - riseShare)
  if (share < riseCarries) return riseMs * Math.sqrt(share / riseCarries)
  if (share < firstPhaseShare) {
    return riseMs + ((firstPhaseMs - riseMs) * (share - riseCarries)) / (firstPhaseShare - riseCarries)
  }
  const left = (1 - share) / (1 - firstPhaseShare)
  return endMs - (endMs - firstPhaseMs) * Math.sqrt(left)
}
