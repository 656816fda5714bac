/**
 * How many requests a process traces. A client says with its header whether its request is traced, so the rate has a limit:
 * nobody can make the system trace everything. Each traced request also has a note in Redis for a time (redis/trace-notes.ts).
 */
export const traceBudget = { maxTracesPerSecond: 1, maxTracesAtOnce: 10 } as const

/** @returns whether one more request may be traced at this time of the monotonic clock, in milliseconds */
export function createTraceBudget({ maxTracesPerSecond, maxTracesAtOnce } = traceBudget): (nowMs: number) => boolean {
  let left: number = maxTracesAtOnce
  let countedAtMs = 0
  return (nowMs) => {
    left = Math.min(maxTracesAtOnce, left + ((nowMs - countedAtMs) / 1_000) * maxTracesPerSecond)
    countedAtMs = nowMs
    if (left < 1) return false
    left -= 1
    return true
  }
}
