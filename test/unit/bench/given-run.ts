import type { ContestantName, Result, Run } from "../../../loadtest/measure/result.ts"
import { Run as RunSchema } from "../../../loadtest/measure/result.ts"

/** A result of a contestant where all is accepted, at its best. */
export const givenResult = (name: ContestantName, perSecond: number, more: Partial<Result> = {}): Result => ({
  name,
  profile: "all-accepted",
  ...(name.startsWith("writer") ? { batch: 250 } : { connections: 2 }),
  per_second: perSecond,
  p50_ms: 1,
  p95_ms: 2,
  p99_ms: 3,
  decisions: 1_000,
  seconds: 1,
  rounds_per_second: [perSecond],
  best: true,
  round_trips: 2,
  wal_bytes: 500,
  client_cpu_us: 10,
  server_cpu_us: 20,
  ...more,
})

/** A run on a machine that does nothing in particular. */
export const givenRun = (results: readonly Result[]): Run =>
  RunSchema.parse({
    at: "2026-11-20T10:00:00.000Z",
    quick: false,
    rounds: 2,
    machine: {
      cores: 2,
      processor: "A processor",
      memory_mib: 1_024,
      kernel: "6.1",
      node: "v24",
      postgres: "15",
      postgres_settings: { fsync: "on" },
      file_system: "ext4 on /dev/a",
      fdatasync_p50_ms: 0.5,
      fdatasync_per_second: 2_000,
      load_average: 0,
    },
    results,
  })
