import { slowAfterMs, type WatchedCall } from "../contracts/metrics.ts"
import { count, service } from "./telemetry.ts"

/** A call under way. Each of its functions may be called once; further calls do nothing. */
export interface CallUnderWay {
  /** The call has ended: counts it, unless it was counted when it became slow. */
  ended(): void
  /** The call ended in a quick refusal, which says nothing about speed. One that became slow before stays counted. */
  refused(): void
}

/**
 * Watches the calls of one kind. They have one limit, so that the oldest is always the next to become slow: one timer is enough
 * for all calls in flight.
 */
function watcherOf(name: WatchedCall) {
  const limitMs = slowAfterMs[name]
  const inFlight = new Map<symbol, { readonly startedMs: number; readonly by: string }>()
  let isTimerSet = false

  function countSlow(by: string): void {
    count(`${name}.timed`, 1, by)
    count(`${name}.slow`, 1, by)
  }

  function setTimer(afterMs: number): void {
    isTimerSet = true
    setTimeout(checkOldest, Math.ceil(afterMs)).unref()
  }

  function checkOldest(): void {
    isTimerSet = false
    const nowMs = performance.now()
    for (const [call, { startedMs, by }] of inFlight) {
      const leftMs = startedMs + limitMs - nowMs
      if (leftMs > 0) {
        setTimer(leftMs)
        return
      }
      inFlight.delete(call)
      countSlow(by)
    }
  }

  return (): CallUnderWay => {
    const call = Symbol(name)
    const [startedMs, by] = [performance.now(), service()]
    inFlight.set(call, { startedMs, by })
    if (!isTimerSet) setTimer(limitMs)
    const end = (isCounted: boolean) => {
      if (!inFlight.delete(call)) return
      // A busy process may not have run its timer yet.
      if (performance.now() - startedMs > limitMs) countSlow(by)
      else if (isCounted) count(`${name}.timed`, 1, by)
    }
    return { ended: () => end(true), refused: () => end(false) }
  }
}

const watchers = {
  "reservation.answer": watcherOf("reservation.answer"),
  availability: watcherOf("availability"),
  checkout: watcherOf("checkout"),
  database: watcherOf("database"),
} satisfies Record<WatchedCall, () => CallUnderWay>

/** Begins to watch a call: `<name>.timed` counts it, and `<name>.slow` when its limit passes, returned or not. */
export const watchCall = (name: WatchedCall): CallUnderWay => watchers[name]()

/** Watches a call to its end, which may be an error. */
export async function watched<T>(name: WatchedCall, call: () => Promise<T>): Promise<T> {
  const watch = watchCall(name)
  try {
    return await call()
  } finally {
    watch.ended()
  }
}
