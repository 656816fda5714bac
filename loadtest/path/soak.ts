import { setTimeout as delay } from "node:timers/promises"
import type { StateFolder } from "../../local/services/state-folder.ts"
import type { GeneratorProcess } from "./generator-process.ts"
import { type Usage, usageOf } from "./processes.ts"
import { reserveJob } from "./profiles.ts"
import type { Shop } from "./shop.ts"
import { readLiveHeaps, rounded } from "./stages.ts"

export interface Soak {
  readonly folder: StateFolder
  readonly generator: GeneratorProcess
  readonly shop: Shop
  readonly port: number
  readonly rate: number
  readonly seconds: number
}

/** Memory of a part after the warm-up. */
export interface Growth {
  readonly part: string
  /** One value for each sample. */
  readonly memory_mib: readonly number[]
  readonly slope_mib_per_minute: number
  /** Memory in use after the last full collection, if the part reports it, at each sample; and its growth. */
  readonly live_mib?: readonly number[]
  readonly live_slope_mib_per_minute?: number
  /** Undefined for a part that keeps the reservations, and for every part of a short soak: its growth is shown and not judged. */
  readonly live_slope_limit?: number
  readonly ok: boolean
}

const sampleEveryMs = 5_000
const bytesPerMebibyte = 1_024 * 1_024
/** In the first part of a soak caches fill and code is compiled. Growth after it is a leak. */
const warmUpShare = 0.3
/** The growth of a shorter soak is shown and not judged: V8 takes minutes to find the size of its heap. */
const leastJudgedSeconds = 300
/**
 * The limit for the memory in use. A leak of 100 bytes a request at 500 requests a second would be 2.9. The memory that V8 has
 * taken from the system is shown too and says little: it rises for many minutes, or swings, while the memory in use stays the
 * same.
 */
const maxLiveSlopeMibPerMinute = 2
/**
 * These parts keep every reservation: Redis for a quarter of an hour, PostgreSQL on disk, the provider each payment. Kafka's heap
 * fills to its limit.
 */
const keepers: ReadonlySet<string> = new Set(["redis", "postgres", "payment-provider", "kafka"])

/** Sells for a long time at a constant rate and watches the memory of every part. @throws Error when a request did not win */
export async function soak({ folder, generator, shop, port, rate, seconds }: Soak): Promise<Growth[]> {
  const samples: Sample[] = []
  let done = false
  const sampling = (async () => {
    while (!done) {
      samples.push({ usage: usageOf(folder), liveBytes: await readLiveHeaps(port) })
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

interface Sample {
  readonly usage: ReadonlyMap<string, Usage>
  /** By part; only parts that have had a full collection. */
  readonly liveBytes: ReadonlyMap<string, number>
}

function growthOf(samples: readonly Sample[], isLongEnough: boolean): Growth[] {
  const parts = [...(samples[0]?.usage.keys() ?? [])]
  return parts.map((part) => {
    const memory = samples.map(({ usage }) => usage.get(part)?.memoryMiB ?? 0)
    const live = samples.flatMap(({ liveBytes }) => liveBytes.get(part) ?? []).map((bytes) => bytes / bytesPerMebibyte)
    const [slope, liveSlope] = [slopePerMinute(memory), slopePerMinute(live)]
    const isJudged = isLongEnough && !keepers.has(part)
    return {
      part,
      memory_mib: memory.map(Math.round),
      slope_mib_per_minute: rounded(slope),
      ...(live.length > 0 && { live_mib: live.map(rounded), live_slope_mib_per_minute: rounded(liveSlope) }),
      ...(isJudged && { live_slope_limit: maxLiveSlopeMibPerMinute }),
      // A part that does not report its memory in use has not shown that it is flat.
      ok: !isJudged || (live.length > 0 && liveSlope <= maxLiveSlopeMibPerMinute),
    }
  })
}

/** One line about the growth of a part. */
export function growthLine({ part, memory_mib: memory, slope_mib_per_minute: slope, ok, ...more }: Growth): string {
  const { live_mib: live = [], live_slope_mib_per_minute: liveSlope, live_slope_limit: limit } = more
  const held = liveSlope === undefined ? "" : `; holds ${live[0]} to ${live.at(-1)} MiB, ${liveSlope} MiB/min`
  const judged = limit === undefined ? "not judged" : `at most ${limit}: ${ok ? "flat" : "GROWS"}`
  return `${part.padEnd(24)} takes ${memory[0]} to ${memory.at(-1)} MiB, ${slope} MiB/min${held} (${judged})`
}

const slopePerMinute = (values: readonly number[]): number =>
  slopePerSample(values.slice(Math.floor(values.length * warmUpShare))) * (60_000 / sampleEveryMs)

/**
 * The slope between the medians of the first and the last third. Unlike a line through all samples, it does not depend on the
 * moment of the last garbage collection.
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
