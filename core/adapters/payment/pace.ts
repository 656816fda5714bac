import { setTimeout as delay } from "node:timers/promises"
import type { Redis } from "ioredis"
import { type Turn, takeTurn } from "../../domain/pace.ts"
import { away, createRedisGuard } from "../redis/guard.ts"
import { redisKeys } from "../redis/keys.ts"
import takeTurnScript from "../redis/scripts/take-turn.lua"
import { record } from "../telemetry.ts"
import { ProviderBusy } from "./provider.ts"

/** How long a call waits for its turn at most: with the provider's own time it ends before its shopper is told that nobody knows. */
export const longestPaymentWaitMs = 3_000
/** After the provider has turned a call away nobody calls for so long. */
const restMs = 250
/** How often a call that was turned away is made again. */
const maxTries = 4

/** Keeps the calls to the provider within its rate limit. */
export interface Pace {
  /**
   * Makes a call when its turn has come, and again when the provider turned it away.
   *
   * @param isLimited whether the answer says that the call came too soon
   * @throws ProviderBusy when the wait would be too long
   */
  inTurn<Answer>(call: () => Promise<Answer>, isLimited: (answer: Answer) => boolean): Promise<Answer>
}

export interface PaceOptions {
  /** Calls a second of all processes together; absent: the provider's own refusals are the only limit. */
  readonly callsPerSecond?: number | undefined
  /** Where the turns of all processes are kept. Without it, and while it is away, this process keeps its own. */
  readonly redis?: Redis
  /** How long a call waits at most, in all its tries. */
  readonly longestWaitMs?: number
}

/** Where turns come from. */
interface Turns {
  take(longestWaitMs: number, restMs: number): Promise<Turn>
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

/** The turns of this process alone. */
function ownTurns(intervalMs: number): Turns {
  let nextFreeMs: number | undefined
  return {
    async take(longestWaitMs, pauseMs) {
      const nowMs = performance.now()
      const turn = takeTurn(Math.max(nextFreeMs ?? nowMs, nowMs + pauseMs), nowMs, intervalMs, longestWaitMs)
      if (turn.kind === "turn") nextFreeMs = turn.nextFreeMs
      return turn
    },
  }
}

/** The turns of all processes, by Redis's clock; while it is away those of this process. */
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
      return taken === 1 ? { kind: "turn", waitMs, nextFreeMs: 0 } : { kind: "full", retryAfterMs: waitMs }
    },
  }
}
