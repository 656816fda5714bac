import { setTimeout as delay } from "node:timers/promises"
import type { Job } from "./jobs.ts"
import type { Profile, StepResult } from "./result.ts"
import type { Shop } from "./shop.ts"
import { measureStep, type Stage } from "./step.ts"

/** The rates of a ladder and the length of its steps. */
export interface Climb {
  readonly secondsPerStep: number
  readonly stopsWhenNotHeld: boolean
  readonly rates: Readonly<Record<Profile, readonly number[]>>
}

/**
 * The first step meets cold code and plans that PostgreSQL made for empty tables, so no result includes it. V8 compiles code
 * after thousands of runs: the warm-up has the highest rate that the system holds while its code is cold.
 */
const warmUpSeconds = 6
const warmUpRates: Readonly<Record<Profile, number>> = {
  "reserve-ladder": 1_000,
  availability: 3_000,
  "sold-out": 2_000,
  checkout: 50,
}
/** Units beyond the number of requests of a step, so that every request wins. */
const spareStock = 1_000

interface Bench {
  readonly stage: Stage
  readonly shop: Shop
  readonly port: number
  readonly climb: Climb
  readonly onStep: (result: StepResult) => void
}

/** Climbs a profile's ladder until a rate is not held. The last rate that was held is the knee. */
export async function climbLadder(bench: Bench, profile: Profile): Promise<StepResult[]> {
  const { climb, stage } = bench
  await measureStep(stage, await prepare(bench, profile, warmUpRates[profile], warmUpSeconds))
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

/** A sale with a unit for every request. */
export async function reserveJob(shop: Shop, port: number, rate: number, seconds: number): Promise<Job> {
  const skuId = await shop.open(Math.round(rate * seconds) + spareStock)
  return jobOf("reserve-ladder", { shop, port, skuId, rate, seconds })
}

function jobOf(profile: Profile, job: { shop: Shop; port: number; skuId: string; rate: number; seconds: number }): Job {
  const { shop, ...rest } = job
  runs += 1
  return { ...rest, profile, tokensFile: shop.tokensFile, run: `run-${process.pid}-${runs}` }
}

/** Prepares a step of a profile: a sale for reservations, a sold-out sale for refusals, holds for checkouts. */
async function prepare({ shop, port, stage }: Bench, profile: Profile, rate: number, seconds: number): Promise<Job> {
  if (profile === "sold-out") return soldOutJob(shop, port, stage, rate, seconds)
  const job = await reserveJob(shop, port, rate, seconds)
  if (profile === "checkout") await reserveAll(stage, job)
  return { ...job, profile }
}

const reserveRate = 400

/** @throws Error when not every request won */
async function reserveAll({ generator }: Stage, job: Job): Promise<void> {
  const total = Math.round(job.rate * job.seconds)
  const { good, others } = await generator.run({ ...job, rate: reserveRate, seconds: total / reserveRate })
  if (good !== total) throw new Error(`Of ${total} reservations ${good} were made: ${JSON.stringify(others)}`)
}

/** One request, at once. */
const single = { rate: 1, seconds: 1 }
const maxLooks = 100
const lookEveryMs = 100

/** A sale whose only unit is reserved, once admission refuses further requests. @throws Error when it does not refuse in time */
async function soldOutJob(shop: Shop, port: number, stage: Stage, rate: number, seconds: number): Promise<Job> {
  const skuId = await shop.open(1)
  await reserveAll(stage, jobOf("reserve-ladder", { shop, port, skuId, ...single }))
  for (let look = 0; look < maxLooks; look += 1) {
    const { good } = await stage.generator.run(jobOf("sold-out", { shop, port, skuId, ...single }))
    if (good === 1) return jobOf("sold-out", { shop, port, skuId, rate, seconds })
    await delay(lookEveryMs)
  }
  throw new Error("Admission does not refuse, although the sale is sold out")
}
