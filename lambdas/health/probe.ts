import { setTimeout as delay } from "node:timers/promises"

/** A dependency that takes longer counts as unavailable: the caller of /v1/ready must not wait long. */
export const probeTimeoutMs = 500

/** Checks whether a dependency answers. */
export type Probe = () => Promise<"ok" | "unavailable">

/**
 * A probe that ends within `probeTimeoutMs`. Only one attempt runs at a time, and concurrent callers share it: a dependency that
 * hangs does not get more and more calls.
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
