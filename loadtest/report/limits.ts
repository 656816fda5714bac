import type { Machine, Result, Run } from "../measure/result.ts"

/** Limits of every writer on this machine, independent of its code, in decisions a second. */
export interface Limits {
  /** One commit after the other waits for the disk, and each carries a batch. */
  readonly byFsync: number
  /** One backend has one core, so its work per decision limits the rate. */
  readonly byBackend: number
}

const microsecondsPerSecond = 1_000_000

export const limitsOf = ({ batch = 1, server_cpu_us }: Result, { fdatasync_per_second }: Machine): Limits => ({
  byFsync: batch * fdatasync_per_second,
  byBackend: Math.round(microsecondsPerSecond / server_cpu_us),
})

/** The limits in words, for the writer's fastest batch with all requests accepted. */
export function limitLines({ results, machine }: Run): string[] {
  const best = results.find(({ name, profile, best }) => name === "writer" && profile === "all-accepted" && best)
  if (best === undefined || best.server_cpu_us === 0) return []
  const { byFsync, byBackend } = limitsOf(best, machine)
  const thousands = (value: number) => value.toLocaleString("en")
  return [
    `One fdatasync after the other: ${thousands(machine.fdatasync_per_second)}/s here, with ${thousands(best.batch ?? 1)} decisions each: ${thousands(byFsync)}/s.`,
    `One backend with a core of its own, at ${best.server_cpu_us.toFixed(1)} µs a decision: ${thousands(byBackend)}/s.`,
    `Measured: ${thousands(best.per_second)}/s. The difference is Node's ${best.client_cpu_us.toFixed(1)} µs a decision, as far as Node and PostgreSQL do not work at the same time, and the waits for the disk.`,
  ]
}
