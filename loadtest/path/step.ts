import type { StateFolder } from "../../local/services/state-folder.ts"
import type { GeneratorProcess } from "./generator-process.ts"
import type { Job, Profile } from "./jobs.ts"
import { type Usage, usageOf } from "./processes.ts"
import { readStages, rounded, type Stages, stagesBetween } from "./stages.ts"

/** Everything on both cores, or the generator on one and the system on the other. */
export type Layout = "shared" | "pinned"

/** One rate of one profile, measured. */
export interface StepResult {
  readonly name: "path"
  readonly profile: Profile
  readonly layout: Layout
  readonly rate_offered: number
  /** Answers that count, over the time from the first intended start to the last answer. */
  readonly per_second: number
  readonly p50_ms: number
  readonly p95_ms: number
  readonly p99_ms: number
  readonly max_ms: number
  readonly sent: number
  readonly good: number
  /** Whatever else was answered; anything here ends the ladder. */
  readonly others: Readonly<Record<string, number>>
  /** Whether every answer counted and p95 stayed below the profile's bound. */
  readonly held: boolean
  readonly stages: Stages
  /** Cores that each part kept busy. */
  readonly cpu_by_part: Readonly<Record<string, number>>
  /** Answers that count for each second of processor time of all gateways. */
  readonly per_gateway_core: number
  /** How far the generator itself was behind at worst. */
  readonly generator_late_ms: number
}

/** p95 up to which a rate counts as held. Reserve and checkout are the targets; reads and refusals must stay far from waiting. */
export const p95BoundsMs: Readonly<Record<Profile, number>> = {
  "reserve-ladder": 120,
  availability: 50,
  "sold-out": 50,
  // The provider's own 200 ms included.
  checkout: 450,
}

export interface Stage {
  readonly folder: StateFolder
  readonly generator: GeneratorProcess
  readonly layout: Layout
}

/** Runs one job and measures what it took. @throws Error when the generator dies or the system shows no metrics */
export async function measureStep({ folder, generator, layout }: Stage, job: Job): Promise<StepResult> {
  const also = { generator: generator.pid }
  const stagesBefore = await readStages(job.port)
  const before = usageOf(folder, also)
  const startedMs = performance.now()
  const result = await generator.run(job)
  const seconds = (performance.now() - startedMs) / 1_000
  const cpuSeconds = cpuBetween(before, usageOf(folder, also))
  const gatewaySeconds = [...cpuSeconds].reduce((sum, [part, used]) => (part.startsWith("gateway") ? sum + used : sum), 0)
  const stages = stagesBetween(stagesBefore, await readStages(job.port))
  const { profile, rate } = job
  return {
    name: "path",
    profile,
    layout,
    rate_offered: rate,
    per_second: Math.round(result.good / result.tookSeconds),
    p50_ms: rounded(result.p50Ms),
    p95_ms: rounded(result.p95Ms),
    p99_ms: rounded(result.p99Ms),
    max_ms: rounded(result.maxMs),
    sent: result.sent,
    good: result.good,
    others: result.others,
    held: result.good === result.sent && result.p95Ms <= p95BoundsMs[profile],
    stages,
    cpu_by_part: Object.fromEntries([...cpuSeconds].map(([part, used]) => [part, rounded(used / seconds)])),
    per_gateway_core: Math.round(result.good / Math.max(0.01, gatewaySeconds)),
    generator_late_ms: rounded(result.lateMs),
  }
}

const cpuBetween = (before: ReadonlyMap<string, Usage>, after: ReadonlyMap<string, Usage>): Map<string, number> =>
  new Map([...after].map(([part, { cpuSeconds }]) => [part, cpuSeconds - (before.get(part)?.cpuSeconds ?? 0)]))
