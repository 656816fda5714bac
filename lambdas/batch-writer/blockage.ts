import { setTimeout as delay } from "node:timers/promises"
import { failureKind } from "../../core/adapters/failure-kind.ts"
import { logger, record } from "../../core/adapters/telemetry.ts"
import { backoffMs } from "../../core/concurrency/backoff.ts"

const firstBackoffMs = 50
const maxBackoffMs = 2_000
/** A partition that waits for longer is an incident; the alarm WriterCannotWrite has the same bound. */
export const writerBlockedAlarmMs = 15_000

/** What a partition waits for, and for how long already. */
export interface Blockage {
  /**
   * Waits before the next try. What the operators froze is no illness and is not measured.
   * @param place of the batch @param failures in a row, this one included @throws the error when the invocation has no time left for one
   */
  waitOut(place: string, error: unknown, failures: number, timeLeftMs: () => number): Promise<void>
  /** The partition goes on. */
  over(place: string): void
}

/** Keeps, for a process, since when each partition cannot be written. */
export function createBlockage(nowMs: () => number = () => performance.now()): Blockage {
  const blocked = new Map<string, { readonly sinceMs: number; toldAtMs: number }>()

  function measure(place: string, error: unknown): void {
    const atMs = nowMs()
    const known = blocked.get(place)
    if (known === undefined) {
      blocked.set(place, { sinceMs: atMs, toldAtMs: atMs })
      logger.warn("The writer cannot write; the batch waits and is tried again", { place, error: error as Error })
    } else if (atMs - known.toldAtMs >= writerBlockedAlarmMs) {
      known.toldAtMs = atMs
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
