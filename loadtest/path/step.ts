import type { StateFolder } from "../../local/services/state-folder.ts"
import type { GeneratorProcess } from "./generator-process.ts"
import type { Job } from "./jobs.ts"
import { gatewayCpuSeconds, type Usage, usageOf } from "./processes.ts"
import { type Layout, p95BoundsMs, type StepResult } from "./result.ts"
import { readStages, rounded, stagesBetween } from "./stages.ts"

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
  const after = usageOf(folder, also)
  const gatewaySeconds = gatewayCpuSeconds(after) - gatewayCpuSeconds(before)
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
    cpu_by_part: coresBetween(before, after, seconds),
    per_gateway_core: Math.round(result.good / Math.max(0.01, gatewaySeconds)),
    generator_late_ms: rounded(result.lateMs),
  }
}

/** Cores that each part kept busy between two readings. */
const coresBetween = (
  before: ReadonlyMap<string, Usage>,
  after: ReadonlyMap<string, Usage>,
  seconds: number,
): Record<string, number> =>
  Object.fromEntries(
    [...after].map(([part, { cpuSeconds }]) => [part, rounded((cpuSeconds - (before.get(part)?.cpuSeconds ?? 0)) / seconds)]),
  )
