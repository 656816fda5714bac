import { backoffMs } from "../../core/concurrency/backoff.ts"

/** How the last send ended: the provider answered, it certainly did not take the mail, or nobody knows. */
export type SendEnd = "answered" | "not-sent" | "unknown"

export interface PauseLimits {
  readonly firstMs: number
  /** While the provider refuses or cannot be reached: a try costs nothing. */
  readonly maxAfterNotSentMs: number
  /** While it takes mails and gives no answer: each try may lose a notice. */
  readonly maxAfterUnknownMs: number
}

export const pauseLimits: PauseLimits = { firstMs: 1_000, maxAfterNotSentMs: 30_000, maxAfterUnknownMs: 300_000 }

/** Decides whether a send may begin. */
export interface SendPause {
  /** Begins a send, unless there is a pause. The caller calls `end` after it. */
  begin(): boolean
  /** @param how undefined when nothing was sent after all */
  end(how: SendEnd | undefined): void
  /** Milliseconds until a send may begin. */
  leftMs(): number
}

/**
 * Pauses all sends of a process after one failed, longer after each failure. Then one send alone tries; the others begin when
 * the provider has answered it. So a provider that hangs costs one notice a pause, and not every notice of a sale.
 */
export function createSendPause(limits: PauseLimits = pauseLimits, nowMs: () => number = Date.now): SendPause {
  let failures = 0
  let endsAtMs = 0
  let inFlight = 0
  return {
    begin() {
      if (nowMs() < endsAtMs || (failures > 0 && inFlight > 0)) return false
      inFlight += 1
      return true
    },
    end(how) {
      inFlight -= 1
      // Sends that were in flight when the pause began report the same failure.
      if (how === undefined || nowMs() < endsAtMs) return
      if (how === "answered") {
        failures = 0
        return
      }
      failures += 1
      endsAtMs =
        nowMs() + backoffMs(failures, limits.firstMs, how === "unknown" ? limits.maxAfterUnknownMs : limits.maxAfterNotSentMs)
    },
    leftMs: () => Math.max(0, endsAtMs - nowMs()),
  }
}
