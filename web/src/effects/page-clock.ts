import { type Clock, isJump, observe, offsetMsOf, type Reading, unmeasured } from "../machine/clock.ts"
import type { At } from "../machine/purchase-state.ts"

/** The clocks of the page: the server's as far as it is known, and a steady one. */
export interface PageClock {
  readonly at: () => At
  readonly observe: (reading: Reading) => Clock
  /** True when the device slept, or its clock was set, since the last call: everything has to be asked anew. */
  readonly hasJumped: () => boolean
}

export function createPageClock(): PageClock {
  let clock = unmeasured
  let shiftMs = 0
  let lastWallMs = Date.now()
  let lastSteadyMs = performance.now()

  return {
    at: () => ({
      serverMs: Date.now() + shiftMs + offsetMsOf(clock),
      steadyMs: performance.now(),
      random: Math.random(),
      isHidden: document.hidden,
    }),
    observe(reading) {
      clock = observe(clock, reading)
      shiftMs = 0
      return clock
    },
    hasJumped() {
      const wallElapsedMs = Date.now() - lastWallMs
      const steadyElapsedMs = performance.now() - lastSteadyMs
      lastWallMs += wallElapsedMs
      lastSteadyMs += steadyElapsedMs
      if (!isJump(wallElapsedMs, steadyElapsedMs)) return false
      // No sleep sets a clock back: the device's clock was set. The server's goes on as before, until the next answer.
      if (wallElapsedMs < steadyElapsedMs) shiftMs += steadyElapsedMs - wallElapsedMs
      return true
    },
  }
}
