import { setTimeout as delay } from "node:timers/promises"
import type { StateFolder } from "../../local/services/state-folder.ts"
import type { GeneratorProcess } from "./generator-process.ts"
import { usageOf } from "./processes.ts"
import { reserveJob } from "./profiles.ts"
import type { Shop } from "./shop.ts"
import { rounded } from "./stages.ts"

export interface Soak {
  readonly folder: StateFolder
  readonly generator: GeneratorProcess
  readonly shop: Shop
  readonly port: number
  readonly rate: number
  readonly seconds: number
}

/** Memory of a part over the time behind the warm-up. */
export interface Growth {
  readonly part: string
  /** One value a sample, from the first one on. */
  readonly memory_mib: readonly number[]
  readonly slope_mib_per_minute: number
  /** Undefined for a part that keeps what is sold, and for every part of a short soak: shown, not judged. */
  readonly slope_limit?: number
  readonly ok: boolean
}

const sampleEveryMs = 5_000
/** Caches fill and code is compiled in the first part of a soak; what grows after it is a leak. */
const warmUpShare = 0.3
/** A shorter soak is shown and not judged: V8 takes minutes to find the size of its heap. */
const leastJudgedSeconds = 300
/** A leak of 100 bytes a request at 1,000 requests a second would be 5.7. */
const maxSlopeMibPerMinute = 2
/** They hold every reservation: Redis for a quarter of an hour, PostgreSQL on disk, the provider each payment; Kafka's heap fills to its limit. */
const keepers: ReadonlySet<string> = new Set(["redis", "postgres", "payment-provider", "kafka"])

/** Sells for a long time at a constant rate and watches the memory of every part. @throws Error when an answer was not a win */
export async function soak({ folder, generator, shop, port, rate, seconds }: Soak): Promise<Growth[]> {
  const samples: ReadonlyMap<string, number>[] = []
  let done = false
  const sampling = (async () => {
    while (!done) {
      samples.push(new Map([...usageOf(folder)].map(([part, { memoryMiB }]) => [part, memoryMiB])))
      await delay(sampleEveryMs)
    }
  })()
  const result = await generator.run(await reserveJob(shop, port, rate, seconds)).finally(() => {
    done = true
  })
  await sampling
  if (result.good !== result.sent)
    throw new Error(`Of ${result.sent} requests ${result.good} won: ${JSON.stringify(result.others)}`)
  return growthOf(samples, seconds >= leastJudgedSeconds)
}

function growthOf(samples: readonly ReadonlyMap<string, number>[], isLongEnough: boolean): Growth[] {
  const parts = [...(samples[0]?.keys() ?? [])]
  return parts.map((part) => {
    const memory = samples.map((sample) => sample.get(part) ?? 0)
    const slope = slopePerSample(memory.slice(Math.floor(memory.length * warmUpShare))) * (60_000 / sampleEveryMs)
    const isJudged = isLongEnough && !keepers.has(part)
    return {
      part,
      memory_mib: memory.map(Math.round),
      slope_mib_per_minute: rounded(slope),
      ...(isJudged && { slope_limit: maxSlopeMibPerMinute }),
      ok: !isJudged || slope <= maxSlopeMibPerMinute,
    }
  })
}

/**
 * The slope between the medians of the first and the last third: unlike a line through all samples it does not mind where the collector
 * of garbage happened to stand.
 */
export function slopePerSample(values: readonly number[]): number {
  const third = Math.floor(values.length / 3)
  if (third === 0) return 0
  return (median(values.slice(-third)) - median(values.slice(0, third))) / (values.length - third)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
