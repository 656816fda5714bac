import type { JobResult } from "./generator.ts"
import type { GeneratorProcess } from "./generator-process.ts"
import type { Job } from "./jobs.ts"
import { reserveJob } from "./profiles.ts"
import type { Shop } from "./shop.ts"
import { rounded } from "./stages.ts"

/** Hostile requests for each good one. */
export const hostilePerGood = 10
/** Good requests may take this many times as long as without the hostile ones. */
export const maxSlowdown = 2
/** The time within which everything is as before, from the end of the load. */
export const recoveryLimitSeconds = 10

export interface Overload {
  readonly shop: Shop
  readonly port: number
  readonly goodGenerator: GeneratorProcess
  readonly hostileGenerator: GeneratorProcess
  /** Good requests a second. */
  readonly rate: number
  readonly secondsPerPhase: number
}

/** The results of good shoppers in a phase. */
export interface Phase {
  readonly phase: "before" | "during" | "after"
  readonly p50_ms: number
  readonly p99_ms: number
  readonly good_per_second: number
  /** Good requests that did not win, by answer. */
  readonly others: Readonly<Record<string, number>>
}

export interface OverloadResult {
  readonly phases: readonly Phase[]
  /** p99 during the load over p99 before it. */
  readonly slowdown: number
  /** From the end of the load to the end of the first second whose p99 is within the allowed slowdown; undefined: not in time. */
  readonly recovery_seconds?: number
  readonly hostile: { readonly sent: number; readonly answers: Readonly<Record<string, number>> }
  readonly ok: boolean
}

/** The results do not include cold code, and plans that PostgreSQL made for empty tables. */
const warmUp = { rate: 1_000, seconds: 6 }
/**
 * Nor do they include the cold code of the hostile generator: an attacker brings their own processors, this generator would use
 * those of the system.
 */
const hostileWarmUp = { rate: 500, seconds: 4 }

/** Sells to good shoppers at a constant rate: alone, beside ten times as many hostile requests, and alone again. */
export async function measureOverload(overload: Overload): Promise<OverloadResult> {
  const { shop, port, goodGenerator, hostileGenerator, rate, secondsPerPhase } = overload
  const sell = async (seconds: number, atRate = rate) => goodGenerator.run(await reserveJob(shop, port, atRate, seconds))
  const attack = ({ run, ...job }: Job, hostileRate = rate * hostilePerGood) =>
    hostileGenerator.run({ ...job, profile: "hostile", rate: hostileRate, run: `${run}-hostile` })
  await sell(warmUp.seconds, warmUp.rate)
  await attack(await reserveJob(shop, port, rate, hostileWarmUp.seconds), hostileWarmUp.rate)
  const before = await sell(secondsPerPhase)

  const job = await reserveJob(shop, port, rate, secondsPerPhase)
  const [during, hostile] = await Promise.all([goodGenerator.run(job), attack(job)])

  const endedMs = performance.now()
  let recoverySeconds: number | undefined
  while (recoverySeconds === undefined && performance.now() - endedMs < recoveryLimitSeconds * 1_000) {
    const { p99Ms, good, sent } = await sell(1)
    if (good === sent && p99Ms <= maxSlowdown * before.p99Ms) recoverySeconds = (performance.now() - endedMs) / 1_000
  }
  const after = await sell(secondsPerPhase)

  const slowdown = during.p99Ms / before.p99Ms
  const nobodyGoodRefused = [before, during, after].every(isEverybodyServed)
  return {
    phases: [phaseOf("before", before), phaseOf("during", during), phaseOf("after", after)],
    slowdown: rounded(slowdown),
    ...(recoverySeconds !== undefined && { recovery_seconds: rounded(recoverySeconds) }),
    hostile: { sent: hostile.sent, answers: { "429 rate-limited": hostile.good, ...hostile.others } },
    ok: nobodyGoodRefused && slowdown < maxSlowdown && recoverySeconds !== undefined,
  }
}

/** The shoppers won at once, or their requests were queued and their position was shown. */
const isEverybodyServed = ({ others }: JobResult): boolean => Object.keys(others).every((answer) => answer.startsWith("202 "))

const phaseOf = (phase: Phase["phase"], { p50Ms, p99Ms, good, tookSeconds, others }: JobResult): Phase => ({
  phase,
  p50_ms: rounded(p50Ms),
  p99_ms: rounded(p99Ms),
  good_per_second: Math.round(good / tookSeconds),
  others,
})
