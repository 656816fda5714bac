import type { GivenOptions, RehearsalOptions, SaleSize } from "./settings.ts"

/** A rehearsal of the reference sale's shape at the size that the project measures itself by. */
export const referenceShape: SaleSize = { shoppers: 12_000, stock: 1_000, peakPerSecond: 1_000 }

/** The peak as a share of what the machine carries: at its limit a machine shows its own queues, and not the system. */
export const peakShare = 0.7
/** A smaller sale shows nothing. A machine that carries less is overloaded by it, and the report says so. */
const leastPeak = 100
/** Peaks are multiples of this: a probe is no more exact. */
const peakStep = 10

/** What the probe found. */
export interface Carried {
  readonly carriesPerSecond: number
  /** True if the machine carried every rate of the probe: it may carry more. */
  readonly isAtLeast: boolean
}

/** The peak for a machine that carries so many arrivals a second: a share of them, within limits. */
export function peakFor(carriesPerSecond: number): number {
  const peak = Math.round((carriesPerSecond * peakShare) / peakStep) * peakStep
  return Math.min(referenceShape.peakPerSecond, Math.max(leastPeak, peak))
}

/** Whether to probe the machine: no peak was given, and the system is on this machine. A stage declares its rates itself. */
export const needsProbe = ({ size, tokensFile }: GivenOptions): boolean =>
  size.peakPerSecond === undefined && tokensFile === undefined

/**
 * The options with the size of the sale. Shoppers and units that were not given are those of the reference shape. If the probe
 * chose the peak, they are in proportion to it, so that the sale keeps its shape and its duration.
 */
export function sized(given: GivenOptions, carried?: Carried): RehearsalOptions {
  const { size, ...options } = given
  if (carried === undefined) return { ...options, ...referenceShape, ...size }
  const peakPerSecond = peakFor(carried.carriesPerSecond)
  const scaled = (number: number) => Math.round((number * peakPerSecond) / referenceShape.peakPerSecond)
  return {
    ...options,
    shoppers: scaled(referenceShape.shoppers),
    stock: scaled(referenceShape.stock),
    ...size,
    peakPerSecond,
  }
}

/** One sentence that says which peak the sale has, and why. */
export function peakSentence({ peakPerSecond }: SaleSize, carried?: Carried): string {
  const peak = `the peak is ${figure(peakPerSecond)}`
  if (carried === undefined) return `This machine was not probed; ${peak} arrivals a second.`
  const { carriesPerSecond, isAtLeast } = carried
  const rate = `${isAtLeast ? "at least" : "about"} ${figure(carriesPerSecond)} requests a second`
  return `This machine carries ${rate}; ${peak}${peakPerSecond === referenceShape.peakPerSecond ? ", as in the reference shape" : ""}.`
}

const figure = (value: number): string => value.toLocaleString("en")
