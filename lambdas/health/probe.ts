import { setTimeout as delay } from "node:timers/promises"

/** A dependency that takes longer counts as away; the caller of /v1/ready has better to do than wait. */
export const probeTimeoutMs = 500

/** Asks a dependency whether it is there. */
export type Probe = () => Promise<"ok" | "unavailable">

/**
 * A probe that answers within `probeTimeoutMs`. Only one attempt runs at a time: a dependency that hangs is not asked again and again
 * while it does, and who asks meanwhile shares the attempt.
 */
export function probe(attempt: () => Promise<unknown>, timeoutMs = probeTimeoutMs): Probe {
  let running: Promise<"ok" | "unavailable"> | undefined
  return () => {
    running ??= attempt()
      .then(
        () => "ok" as const,
        () => "unavailable" as const,
      )
      .finally(() => {
        running = undefined
      })
    return Promise.race([running, delay(timeoutMs, "unavailable" as const, { ref: false })])
  }
}
