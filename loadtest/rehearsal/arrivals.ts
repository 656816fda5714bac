import type { Random } from "./random.ts"

/**
 * The reference sale: 80 % of the shoppers come in its first phase (30 s of it), which rises sharply and then stays at the peak.
 */
export const firstPhaseShare = 0.8
/** The part of the first phase in which the rate rises from nothing to the peak. */
const riseShare = 0.1
/** The tail is that many times as long as the first phase; its rate falls evenly to nothing. */
const tailPhases = 3

export interface Crowd {
  readonly shoppers: number
  readonly peakPerSecond: number
}

/** How the sale's curve looks once it is compressed to this crowd: where its phases end, in milliseconds from the opening. */
export interface Curve {
  readonly riseMs: number
  readonly firstPhaseMs: number
  readonly endMs: number
}

/** The reference sale's curve for a crowd: fewer shoppers or a higher peak make a shorter sale of the same shape. */
export function curveOf({ shoppers, peakPerSecond }: Crowd): Curve {
  // The rise is a triangle: it carries half of what the plateau would in that time.
  const firstPhaseMs = (firstPhaseShare * shoppers * 1_000) / (peakPerSecond * (1 - riseShare / 2))
  return { riseMs: riseShare * firstPhaseMs, firstPhaseMs, endMs: firstPhaseMs * (1 + tailPhases) }
}

/**
 * When each shopper comes, in milliseconds from the opening, sorted. A Poisson process whose rate follows the curve, on the
 * condition that so many come: given their number its arrivals are independent draws from the curve.
 */
export function arrivalTimes(crowd: Crowd, random: Random): Float64Array {
  const curve = curveOf(crowd)
  return Float64Array.from({ length: crowd.shoppers }, () => momentOf(random(), curve)).sort()
}

/** The moment by which a share of all shoppers has come. */
function momentOf(share: number, { riseMs, firstPhaseMs, endMs }: Curve): number {
  const riseCarries = (firstPhaseShare * riseShare) / (2 - riseShare)
  if (share < riseCarries) return riseMs * Math.sqrt(share / riseCarries)
  if (share < firstPhaseShare) {
    return riseMs + ((firstPhaseMs - riseMs) * (share - riseCarries)) / (firstPhaseShare - riseCarries)
  }
  const left = (1 - share) / (1 - firstPhaseShare)
  return endMs - (endMs - firstPhaseMs) * Math.sqrt(left)
}
