import { unitsForSale } from "../capacity/demand.ts"
import type { StageConfig } from "../config.ts"

/** The traffic of a sale, from its opening to its close. */
export interface Profile {
  readonly name: "reference" | "sustained" | "measured"
  readonly description: string
  readonly durationSeconds: number
  readonly reads: number
  readonly reservations: number
  readonly polls: number
  readonly checkouts: number
  /** Loads of the storefront page: one a shopper. */
  readonly pages: number
}

const saleSeconds = 30 * 60
/** The reference sale: sold out after about 25 s at the peak, when 80 % of the shoppers have arrived. */
const spikeSeconds = 25
/** The page reads the stock every two seconds (web/src/machine/pace.ts; a test compares the two). */
export const readsPerShopperSecond = 0.5
const shareInSpike = 0.8

function profile(config: StageConfig, name: Profile["name"], description: string, secondsAtPeak: number): Profile {
  const { peakReadsPerSecond, peakReservationsPerSecond, pollsPerSecond } = config.capacity
  return {
    name,
    description,
    durationSeconds: saleSeconds,
    reads: peakReadsPerSecond * secondsAtPeak,
    reservations: peakReservationsPerSecond * secondsAtPeak,
    polls: pollsPerSecond * secondsAtPeak,
    checkouts: unitsForSale(config),
    pages: peakReadsPerSecond / readsPerShopperSecond,
  }
}

/** 25 s at the declared peak, then a tail to the end of the half hour with a fifth of all arrivals. */
export const referenceProfile = (config: StageConfig): Profile =>
  profile(
    config,
    "reference",
    "25 s at the declared peak, 80 % of all arrivals; the rest over the half hour",
    spikeSeconds / shareInSpike,
  )

/** The declared peak for the whole half hour: an attack, or an upper bound that no sale reaches. */
export const sustainedProfile = (config: StageConfig): Profile =>
  profile(config, "sustained", "the declared peak for the whole half hour", saleSeconds)
