import type { Carried } from "./size.ts"
import { peakShare, referenceShape } from "./size.ts"

/** One rate of the probe, in arrivals a second. */
export interface ProbeStep {
  readonly offeredPerSecond: number
  /** Until nearly all shoppers of the step had their answer: below the offered rate if they queue up. */
  readonly answeredPerSecond: number
  /** The share of the step's shoppers who got their answer within the service level. */
  readonly inTimeShare: number
  readonly held: boolean
}

export interface Probe extends Carried {
  readonly seconds: number
  readonly steps: readonly ProbeStep[]
}

/** The share of the shoppers who must get their answer in time: then p95 is within the service level. */
export const leastInTimeShare = 0.95
/** At this rate the machine carries the reference shape. More need not be known. */
const highestRate = Math.ceil(referenceShape.peakPerSecond / peakShare)
/** Each rate is up to half as much again as the one before: a step that is too high is too high by little. */
export const probeRates: readonly number[] = [200, 350, 550, 850, 1_150, highestRate]
/** A pause of the compiler or of another process ends no probe: this many steps are played again. */
const maxRepeats = 2

/**
 * Raises the rate until a step is not held, twice in a row. The machine then carries what it answered in that step, and at least
 * the rate before it.
 */
export async function climb(
  playStep: (rate: number) => Promise<ProbeStep>,
  rates: readonly number[] = probeRates,
): Promise<Probe> {
  const startedMs = performance.now()
  const steps: ProbeStep[] = []
  const play = async (rate: number): Promise<ProbeStep> => {
    const step = await playStep(rate)
    steps.push(step)
    return step
  }
  const found = (carriesPerSecond: number, isAtLeast: boolean): Probe => ({
    ...{ carriesPerSecond: Math.round(carriesPerSecond), isAtLeast },
    seconds: (performance.now() - startedMs) / 1_000,
    steps,
  })
  let repeats = 0
  let heldRate = 0
  for (const rate of rates) {
    let step = await play(rate)
    if (!step.held && repeats < maxRepeats) {
      repeats += 1
      step = await play(rate)
    }
    if (!step.held) return found(Math.max(heldRate, Math.min(rate, step.answeredPerSecond)), false)
    heldRate = rate
  }
  return found(heldRate, true)
}
