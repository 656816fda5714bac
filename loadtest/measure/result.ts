import { readFileSync } from "node:fs"
import * as z from "zod"

/** What was run: the real writer, and what it is compared with. */
export const contestantNames = [
  "writer",
  "writer-projected",
  "row-lock",
  "row-lock-call",
  "optimistic",
  "conditional",
  "redis-lua-everysec",
  "redis-lua-always",
  "redis-lua-everysec-kafka",
  "redis-lua-always-kafka",
] as const
export type ContestantName = (typeof contestantNames)[number]

export const profileNames = ["all-accepted", "reference-sale", "refused-only", "mixed", "ten-skus", "million-old"] as const
export type ProfileName = (typeof profileNames)[number]

const Positive = z.number().positive()
const Cost = z.number().nonnegative()

/** One contestant on one profile. Latencies are a transaction's for the writer, a request's for the others. */
export const Result = z.strictObject({
  name: z.enum(contestantNames),
  profile: z.enum(profileNames),
  /** Records of a transaction. */
  batch: z.int().positive().optional(),
  connections: z.int().positive().optional(),
  /** Decisions a second; a repeated request is none. */
  per_second: Positive,
  p50_ms: Cost,
  p95_ms: Cost,
  p99_ms: Cost,
  /** Of the writer's transactions: from when the server had no earlier one to do to the commit. */
  service_p50_ms: Cost.optional(),
  service_p95_ms: Cost.optional(),
  decisions: z.int().positive(),
  seconds: Positive,
  /** Decisions a second of each round: how far they differ is how far to trust the number. */
  rounds_per_second: z.array(Positive).min(1),
  /** The highest of this contestant on this profile. */
  best: z.boolean(),
  /** Per decision; null where there is no such thing, as WAL without PostgreSQL. */
  round_trips: Cost.nullable(),
  wal_bytes: Cost.nullable(),
  client_cpu_us: Cost,
  server_cpu_us: Cost,
  /** Tries per decision, and the share of tries that had to be made again; optimistic only. */
  attempts: Positive.optional(),
  retry_share: z.number().min(0).max(1).optional(),
})
export type Result = z.infer<typeof Result>

export const Machine = z.strictObject({
  cores: z.int().positive(),
  processor: z.string(),
  memory_mib: z.int().positive(),
  kernel: z.string(),
  node: z.string(),
  postgres: z.string(),
  postgres_settings: z.record(z.string(), z.string()),
  file_system: z.string(),
  /** Of 8 kB written and fdatasync'ed one after the other, in milliseconds. */
  fdatasync_p50_ms: Positive,
  fdatasync_per_second: Positive,
  /** Load of the machine when the run began: what else ran on it. */
  load_average: Cost,
})
export type Machine = z.infer<typeof Machine>

/** A results file: numbers mean nothing without the machine. */
export const Run = z.strictObject({
  at: z.iso.datetime(),
  quick: z.boolean(),
  rounds: z.int().positive(),
  machine: Machine,
  results: z.array(Result).min(1),
})
export type Run = z.infer<typeof Run>

/** @throws when there is no such file, or something else is in it */
export const readRun = (file: string): Run => Run.parse(JSON.parse(readFileSync(file, "utf8")))

/** Marks the fastest of each contestant on each profile. */
export function withBest(results: readonly Omit<Result, "best">[]): Result[] {
  return results.map((result) => {
    const rivals = results.filter(({ name, profile }) => name === result.name && profile === result.profile)
    return { ...result, best: rivals.every(({ per_second }) => per_second <= result.per_second) }
  })
}
