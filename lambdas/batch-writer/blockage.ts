import { setTimeout as delay } from "node:timers/promises"
import { failureKind } from "../../core/adapters/failure-kind.ts"
import { logger, record } from "../../core/adapters/telemetry.ts"
import { backoffMs } from "../../core/concurrency/backoff.ts"

const firstBackoffMs = 50
const maxBackoffMs = 2_000
/** A partition that waits for longer is an incident. The alarm WriterCannotWrite has the same bound. */
export const writerBlockedAlarmMs = 15_000

/** Tracks the partitions that cannot be written, and for how long. */
export interface Blockage {
  /**
   * Waits before the next try. A partition that operators froze is no outage and is not measured.
   * @param place the name of the batch's partition for log lines and metrics
   * @param failures in a row, this one included
   * @throws the error when the invocation has no time left for another try
   */
  waitOut(place: string, error: unknown, failures: number, timeLeftMs: () => number): Promise<void>
  /** The partition writes again. */
  over(place: string): void
}

/** Keeps since when each partition of this process cannot be written. */
export function createBlockage(nowMs: () => number = () => performance.now()): Blockage {
  const blocked = new Map<string, { readonly sinceMs: number; loggedAtMs: number }>()

  function measure(place: string, error: unknown): void {
    const atMs = nowMs()
    const known = blocked.get(place)
    if (known === undefined) {
      blocked.set(place, { sinceMs: atMs, loggedAtMs: atMs })
      logger.warn("The writer cannot write; the batch waits and is tried again", { place, error: error as Error })
    } else if (atMs - known.loggedAtMs >= writerBlockedAlarmMs) {
      known.loggedAtMs = atMs
      logger.critical("WriterCannotWrite: the partition waits and is tried again", { place, error: error as Error })
    }
    record("writer.blocked", atMs - (known?.sinceMs ?? atMs))
  }

  return {
    async waitOut(place, error, failures, timeLeftMs) {
      if (failureKind(error) !== "frozen") measure(place, error)
      else if (failures === 1) logger.warn("The partition is frozen; the batch waits", { place, error: error as Error })
      const pauseMs = backoffMs(failures, firstBackoffMs, maxBackoffMs)
      if (timeLeftMs() < 2 * pauseMs) throw error
      await delay(pauseMs)
    },
    over(place) {
      blocked.delete(place)
    },
  }
}
