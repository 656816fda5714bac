import { readFileSync } from "node:fs"
import * as z from "zod"

export const profiles = ["reserve-ladder", "availability", "sold-out", "checkout"] as const
export type Profile = (typeof profiles)[number]

/** Generator and system share both cores, or each has one. */
export const layouts = ["shared", "pinned"] as const
export type Layout = (typeof layouts)[number]

const Cost = z.number().nonnegative()

/**
 * A stage during a step, in milliseconds: the mean is the step's, the quantiles are those of the last minute, as the system keeps
 * them.
 */
const Stage = z.strictObject({ mean_ms: Cost, p50_ms: Cost, p95_ms: Cost, p99_ms: Cost })

/** The measurement of one rate of one profile. */
export const StepResult = z.strictObject({
  name: z.literal("path"),
  profile: z.enum(profiles),
  layout: z.enum(layouts),
  rate_offered: z.number().positive(),
  /** Answers that count, over the time from the first planned start to the last answer. */
  per_second: Cost,
  p50_ms: Cost,
  p95_ms: Cost,
  p99_ms: Cost,
  max_ms: Cost,
  sent: z.int().positive(),
  good: z.int().nonnegative(),
  /** Every other answer; one of them ends the ladder. */
  others: z.record(z.string(), z.int().positive()),
  /** Whether every answer counted and p95 stayed below the profile's bound. */
  held: z.boolean(),
  stages: z.record(z.string(), Stage),
  /** Cores that each part kept busy. */
  cpu_by_part: z.record(z.string(), z.number()),
  /** Answers that count for each second of processor time of all gateways. */
  per_gateway_core: Cost,
  /** The largest delay of the generator behind its plan. */
  generator_late_ms: Cost,
})
export type StepResult = z.infer<typeof StepResult>

/**
 * The cost of verifying a token in a gateway, of a visit without it, and of the same visit to a server that does nothing but
 * HTTP, in microseconds of processor time.
 */
const Visits = z.strictObject({
  newcomers: z.int().positive(),
  token_us: z.number(),
  later_visit_us: Cost,
  bare_us: Cost.optional(),
})
export type Visits = z.infer<typeof Visits>

/** A results file of `bench path`. */
export const PathRun = z.strictObject({
  at: z.iso.datetime(),
  machine: z.strictObject({ cores: z.int().positive(), processor: z.string(), memoryMiB: z.int().positive(), node: z.string() }),
  visits: Visits.optional(),
  results: z.array(StepResult).min(1),
})
export type PathRun = z.infer<typeof PathRun>

/** @throws when the file does not exist or is no run of this kind */
export const readPathRun = (file: string): PathRun => PathRun.parse(JSON.parse(readFileSync(file, "utf8")))

/**
 * The p95 up to which a rate counts as held. Reserve and checkout have targets; reads and refusals must not come close to
 * waiting.
 */
export const p95BoundsMs: Readonly<Record<Profile, number>> = {
  "reserve-ladder": 120,
  availability: 50,
  "sold-out": 50,
  // Includes the provider's own 200 ms.
  checkout: 450,
}
