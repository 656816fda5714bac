import { readFileSync } from "node:fs"
import * as z from "zod"
import { type Spread, spreadOf } from "./spread.ts"

const Cost = z.number().nonnegative()
const Seconds = z.number().nonnegative()

/** One rehearsal: the latencies of its shoppers, and what each part of the system used from its beginning to its end. */
const Played = z.strictObject({
  decision_p50_ms: Cost,
  decision_p95_ms: Cost,
  decision_p99_ms: Cost,
  checkout_p50_ms: Cost,
  checkout_p95_ms: Cost,
  /** Processor seconds, also of the load generator. */
  cpu_seconds: z.record(z.string(), Seconds),
  /** The machine had too much to do: the latencies show that, and not the system. */
  overloaded: z.boolean(),
})
export type Played = z.infer<typeof Played>

/** A start of the system, and two rehearsals in its processes. */
export const ColdStart = z.strictObject({
  name: z.literal("cold"),
  /** From the start of the first process until every part serves. */
  ready_seconds: Seconds,
  first: Played,
  second: Played,
})
export type ColdStart = z.infer<typeof ColdStart>

/** A results file of `bench cold`. */
export const ColdRun = z.strictObject({
  at: z.iso.datetime(),
  machine: z.strictObject({ cores: z.int().positive(), processor: z.string(), memoryMiB: z.int().positive(), node: z.string() }),
  peak_per_second: z.int().positive(),
  shoppers: z.int().positive(),
  results: z.array(ColdStart).min(1),
})
export type ColdRun = z.infer<typeof ColdRun>

/** @throws when the file does not exist or is no run of this kind */
export const readColdRun = (file: string): ColdRun => ColdRun.parse(JSON.parse(readFileSync(file, "utf8")))

/** A figure over all starts: of the first rehearsal, of the second one, and the first as a multiple of the second. */
export interface Comparison {
  readonly figure: string
  readonly first: Spread
  readonly second: Spread
  readonly ratio: Spread
}

const latencies = ["decision_p50_ms", "decision_p95_ms", "decision_p99_ms", "checkout_p50_ms", "checkout_p95_ms"] as const

/** The latencies of a run, cold and warm. */
export const latencyComparisons = ({ results }: ColdRun): Comparison[] =>
  latencies.map((name) =>
    compared(
      name.replace("_ms", "").replace("_", " "),
      results.map(({ first, second }) => [first[name], second[name]]),
    ),
  )

/** The processor seconds of each part, cold and warm; the part that used most comes first. */
export function processorComparisons({ results }: ColdRun): Comparison[] {
  const parts = [...new Set(results.flatMap(({ first, second }) => Object.keys({ ...first.cpu_seconds, ...second.cpu_seconds })))]
  return parts
    .map((part) =>
      compared(
        part,
        results.map(({ first, second }) => [first.cpu_seconds[part] ?? 0, second.cpu_seconds[part] ?? 0]),
      ),
    )
    .sort((a, b) => b.first.median - a.first.median)
}

/** A smaller divisor would make the ratio of two nothings large. */
const leastDivisor = 0.01

const compared = (figure: string, pairs: readonly (readonly [number, number])[]): Comparison => ({
  figure,
  first: spreadOf(pairs.map(([first]) => first)),
  second: spreadOf(pairs.map(([, second]) => second)),
  ratio: spreadOf(pairs.map(([first, second]) => first / Math.max(leastDivisor, second))),
})
