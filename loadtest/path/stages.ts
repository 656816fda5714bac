/** The stages of a request and of its processing, as the system measures them itself. */
const stageMetrics = {
  admit: "admit_latency",
  produce: "produce_latency",
  queue: "queue_wait",
  batch: "batch_latency",
  database: "database_latency",
  decision: "reservation_decision_latency",
  cache: "cache_latency",
  checkout: "checkout_latency",
} as const

type StageName = keyof typeof stageMetrics

interface StageReading {
  readonly sum: number
  readonly count: number
  readonly p50_ms: number
  readonly p95_ms: number
  readonly p99_ms: number
}

/** The stages on the page of metrics. */
export type StagesReading = ReadonlyMap<StageName, StageReading>

/**
 * A stage during a step, in milliseconds: the mean is the step's, the quantiles are those of the last minute, as the system keeps
 * them.
 */
interface Stage {
  readonly mean_ms: number
  readonly p50_ms: number
  readonly p95_ms: number
  readonly p99_ms: number
}

export type Stages = Readonly<Partial<Record<StageName, Stage>>>

const readPage = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()

/** The memory in use of each part after its last full collection, in bytes. @throws fetch's errors */
export async function readLiveHeaps(port: number): Promise<ReadonlyMap<string, number>> {
  const page = await readPage(port)
  const samples = page.matchAll(/^flash_sale_live_heap_bytes\{part="([^"]+)"\} (\S+)$/gm)
  return new Map([...samples].map(([, part = "", bytes]) => [part, Number(bytes)]))
}

/** Reads the stages from the page of metrics. @throws fetch's errors */
export async function readStages(port: number): Promise<StagesReading> {
  const page = await readPage(port)
  return new Map(
    Object.entries(stageMetrics).map(([stage, metric]) => {
      const samples = (suffix: string, label = "") =>
        [...page.matchAll(new RegExp(`^flash_sale_${metric}${suffix}\\{[^}]*${label}[^}]*\\} (\\S+)$`, "gm"))].map((match) =>
          Number(match[1]),
        )
      const sumOf = (suffix: string) => samples(suffix).reduce((sum, value) => sum + value, 0)
      const quantile = (of: string) => Math.max(0, ...samples("", `quantile="${of}"`))
      const reading = {
        sum: sumOf("_sum"),
        count: sumOf("_count"),
        p50_ms: quantile("0.5"),
        p95_ms: quantile("0.95"),
        p99_ms: quantile("0.99"),
      }
      return [stage as StageName, reading]
    }),
  )
}

/** The stages with at least one measurement between two readings. */
export const stagesBetween = (before: StagesReading, after: StagesReading): Stages =>
  Object.fromEntries(
    [...after].flatMap(([stage, { sum, count, p50_ms, p95_ms, p99_ms }]) => {
      const passed = count - (before.get(stage)?.count ?? 0)
      if (passed <= 0) return []
      const mean = (sum - (before.get(stage)?.sum ?? 0)) / passed
      return [[stage, { mean_ms: rounded(mean), p50_ms: rounded(p50_ms), p95_ms: rounded(p95_ms), p99_ms: rounded(p99_ms) }]]
    }),
  )

/** Rounds to a hundredth. */
export const rounded = (value: number): number => Math.round(value * 100) / 100
