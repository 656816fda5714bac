import { behaviourOf, rememberArrivals } from "../domain/arrivals.ts"
import { type Asker, type BehaviourSignal, judge } from "../domain/suspicion.ts"
import { refillMsOf, rememberBuckets, type Taking } from "../domain/token-bucket.ts"

/**
 * The rate limiter of one process, for as long as Redis is away. It judges by what a request says and by what this process has seen of
 * who asks, which is little where there are many processes.
 */
export function createLoneLimiter() {
  const buckets = rememberBuckets()
  const users = rememberArrivals()

  return {
    /** Takes a token of whoever asks; a suspect takes one of his source's, too. */
    take(userId: string, asker: Asker, nowMs: number): { taking: Taking; behaviour: readonly BehaviourSignal[] } {
      const behaviour = behaviourOf(users.note(userId, nowMs))
      const { tier } = judge(asker, behaviour)
      const refillMs = refillMsOf(tier)
      const source = tier === 1 ? asker.source : undefined
      const shared = source === undefined ? undefined : buckets.take(source, refillMs, nowMs)
      return { taking: shared?.kind === "empty" ? shared : buckets.take(userId, refillMs, nowMs), behaviour }
    },
  }
}
