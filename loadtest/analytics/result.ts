import { readFileSync } from "node:fs"
import * as z from "zod"

export const contestantNames = ["json-loop", "analytics", "analytics-function"] as const
export type ContestantName = (typeof contestantNames)[number]

const Positive = z.number().positive()

/** One way to read every event once. */
export const AnalyticsResult = z.strictObject({
  name: z.enum(contestantNames),
  events: z.int().positive(),
  seconds: Positive,
  per_second: Positive,
  /** Of the reading process, in microseconds an event. */
  cpu_us: Positive,
  /** Deliveries that a write followed; of `json-loop` the fetches. */
  deliveries: z.int().positive(),
})
export type AnalyticsResult = z.infer<typeof AnalyticsResult>

export const AnalyticsRun = z.strictObject({
  at: z.iso.datetime(),
  machine: z.strictObject({ cores: z.int(), processor: z.string(), memoryMiB: z.int(), node: z.string() }),
  /** Load of the machine at the start of the run, from other programs. */
  load_average: z.number(),
  results: z.array(AnalyticsResult).min(1),
  /** Bytes of the heap right after a full collection, once so many events were counted. */
  heap: z.array(z.strictObject({ events: z.int().positive(), bytes: z.int().positive() })),
  /** The largest stored state of a partition, in bytes. */
  state_bytes: z.int().positive(),
})
export type AnalyticsRun = z.infer<typeof AnalyticsRun>

/** @throws when the file does not exist or has other content */
export const readAnalyticsRun = (file: string): AnalyticsRun => AnalyticsRun.parse(JSON.parse(readFileSync(file, "utf8")))
