import type { Job, Profile } from "./jobs.ts"
import type { Shop } from "./shop.ts"
import { measureStep, type Stage, type StepResult } from "./step.ts"

/** How far and how long a ladder climbs. */
export interface Climb {
  readonly secondsPerStep: number
  readonly stopsWhenNotHeld: boolean
  readonly rates: Readonly<Record<Profile, readonly number[]>>
}

/** The first step finds cold code and plans made for empty tables: it is not part of any result. */
const warmUp = { rate: 300, seconds: 5 }
/** Units beyond what a step can sell, so that every request wins. */
const spareStock = 1_000

interface Bench {
  readonly stage: Stage
  readonly shop: Shop
  readonly port: number
  readonly climb: Climb
  readonly onStep: (result: StepResult) => void
}

/** Climbs a profile's ladder until a rate is not held any more; the last one that was is the knee. */
export async function climbLadder(bench: Bench, profile: Profile): Promise<StepResult[]> {
  const { climb, stage } = bench
  await measureStep(stage, await prepare(bench, profile, warmUp.rate, warmUp.seconds))
  const results: StepResult[] = []
  for (const rate of climb.rates[profile]) {
    const result = await measureStep(stage, await prepare(bench, profile, rate, climb.secondsPerStep))
    results.push(result)
    bench.onStep(result)
    if (!result.held && climb.stopsWhenNotHeld) break
  }
  return results
}

let runs = 0

/** Sets up what a step of a profile needs: a sale for the winners, none for the latecomers, holds for those who pay. */
async function prepare(bench: Bench, profile: Profile, rate: number, seconds: number): Promise<Job> {
  const { shop, port, stage } = bench
  const total = Math.round(rate * seconds)
  const skuId = await shop.open(profile === "sold-out" ? 1 : total + spareStock)
  runs += 1
  const job: Job = { profile, port, skuId, rate, seconds, tokensFile: shop.tokensFile, run: `run-${process.pid}-${runs}` }
  if (profile === "checkout") await reserveAll(stage, { ...job, profile: "reserve-ladder" }, total)
  if (profile === "sold-out") await reserveAll(stage, { ...job, profile: "reserve-ladder", run: `${job.run}-first` }, 1)
  return job
}

const reserveRate = 400

/** @throws Error when not every request won */
async function reserveAll({ generator }: Stage, job: Job, total: number): Promise<void> {
  const result = await generator.run({ ...job, rate: reserveRate, seconds: total / reserveRate })
  if (result.good !== total)
    throw new Error(`Of ${total} reservations ${result.good} were made: ${JSON.stringify(result.others)}`)
}
