import { readFileSync } from "node:fs"
import * as z from "zod"

/** The contestants: the real writer and its rivals. */
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
  /** Decisions a second; a repeated request does not count. */
  per_second: Positive,
  p50_ms: Cost,
  p95_ms: Cost,
  p99_ms: Cost,
  /** Of the writer's transactions: from the end of the previous one, if that was later than the sending, to the commit. */
  service_p50_ms: Cost.optional(),
  service_p95_ms: Cost.optional(),
  decisions: z.int().positive(),
  seconds: Positive,
  /** Decisions a second of each round. Their spread shows how reliable the number is. */
  rounds_per_second: z.array(Positive).min(1),
  /** The highest of this contestant on this profile. */
  best: z.boolean(),
  /** Per decision; null if it does not exist, such as WAL without PostgreSQL. */
  round_trips: Cost.nullable(),
  wal_bytes: Cost.nullable(),
  client_cpu_us: Cost,
  server_cpu_us: Cost,
  /** Tries per decision, and the share of tries that failed and were repeated; optimistic only. */
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
  /** The time to write 8 kB and call fdatasync, one after the other, in milliseconds. */
  fdatasync_p50_ms: Positive,
  fdatasync_per_second: Positive,
  /** Load of the machine at the start of the run, from other programs. */
  load_average: Cost,
})
export type Machine = z.infer<typeof Machine>

/** A results file. It names the machine, because the numbers mean nothing without it. */
export const Run = z.strictObject({
  at: z.iso.datetime(),
  quick: z.boolean(),
  rounds: z.int().positive(),
  machine: Machine,
  results: z.array(Result).min(1),
})
export type Run = z.infer<typeof Run>

/** @throws when the file does not exist or has other content */
export const readRun = (file: string): Run => Run.parse(JSON.parse(readFileSync(file, "utf8")))

/** Marks the fastest of each contestant on each profile. */
export function withBest(results: readonly Omit<Result, "best">[]): Result[] {
  return results.map((result) => {
    const rivals = results.filter(({ name, profile }) => name === result.name && profile === result.profile)
    return { ...result, best: rivals.every(({ per_second }) => per_second <= result.per_second) }
  })
}
