import { setTimeout as delay } from "node:timers/promises"
import type { Redis } from "ioredis"
import { type Turn, takeTurn } from "../../domain/pace.ts"
import { away, createRedisGuard } from "../redis/guard.ts"
import { redisKeys } from "../redis/keys.ts"
import takeTurnScript from "../redis/scripts/take-turn.lua"
import { record } from "../telemetry.ts"
import { ProviderBusy } from "./provider.ts"

/**
 * Longest wait of a call for its turn. The wait and the provider's own time end before the shopper would read outcome-unknown.
 */
export const longestPaymentWaitMs = 3_000
/** Pause of all calls after the provider's rate limit refused one. */
const restMs = 250
/** Tries of a call that the provider's rate limit refuses. */
const maxTries = 4

/** Keeps the calls to the provider below its rate limit. */
export interface Pace {
  /**
   * Makes a call when its turn has come, and again when the provider's rate limit refused it.
   *
   * @param isLimited whether the answer is a refusal by the rate limit
   * @throws ProviderBusy when the wait would be too long
   */
  inTurn<Answer>(call: () => Promise<Answer>, isLimited: (answer: Answer) => boolean): Promise<Answer>
}

export interface PaceOptions {
  /** Calls a second of all processes together. Absent: only the provider's refusals limit the calls. */
  readonly callsPerSecond?: number | undefined
  /** Keeps the turns of all processes. Without it, and while it does not answer, this process uses turns of its own. */
  readonly redis?: Redis
  /** Longest wait of a call, all its tries together. */
  readonly longestWaitMs?: number
}

/** A source of turns. */
interface Turns {
  /** Takes the next free turn that is at least `pauseMs` away. */
  take(longestWaitMs: number, pauseMs: number): Promise<Turn>
}

export function createPace({ callsPerSecond, redis, longestWaitMs = longestPaymentWaitMs }: PaceOptions = {}): Pace {
  const intervalMs = callsPerSecond === undefined ? 0 : 1_000 / callsPerSecond
  const own = ownTurns(intervalMs)
  const turns = redis && callsPerSecond !== undefined ? sharedTurns(redis, intervalMs, own) : own

  return {
    async inTurn(call, isLimited) {
      const endsAtMs = performance.now() + longestWaitMs
      for (let tries = 1; ; tries += 1) {
        const leftMs = endsAtMs - performance.now()
        const turn = await turns.take(Math.max(0, leftMs), tries === 1 ? 0 : restMs)
        if (turn.kind === "full") throw new ProviderBusy(turn.retryAfterMs)
        record("payment.wait", turn.waitMs)
        if (turn.waitMs > 0) await delay(turn.waitMs)
        const answer = await call()
        if (!isLimited(answer)) return answer
        if (tries >= maxTries) throw new ProviderBusy(restMs)
      }
    },
  }
}

/** Turns of this process alone. */
function ownTurns(intervalMs: number): Turns {
  let nextFreeMs: number | undefined
  return {
    async take(longestWaitMs, pauseMs) {
      const taken = takeTurn(nextFreeMs, performance.now(), { intervalMs, longestWaitMs, pauseMs })
      nextFreeMs = taken.nextFreeMs
      return taken.turn
    },
  }
}

/** Turns of all processes, by Redis's clock. While Redis does not answer: turns of this process. */
function sharedTurns(redis: Redis, intervalMs: number, own: Turns): Turns {
  redis.defineCommand("takeTurn", { lua: takeTurnScript, numberOfKeys: 1 })
  const script = redis as unknown as { takeTurn(key: string, ...us: number[]): Promise<[waitUs: string, taken: number]> }
  const guard = createRedisGuard(redis)
  const toUs = (milliseconds: number) => Math.round(milliseconds * 1_000)
  return {
    async take(longestWaitMs, pauseMs) {
      const answer = await guard.ask(() =>
        script.takeTurn(redisKeys.paymentTurns, toUs(intervalMs), toUs(longestWaitMs), toUs(pauseMs)),
      )
      if (answer === away) return own.take(longestWaitMs, pauseMs)
      const [waitUs, taken] = answer
      const waitMs = Number(waitUs) / 1_000
      return taken === 1 ? { kind: "turn", waitMs } : { kind: "full", retryAfterMs: waitMs }
    },
  }
}
