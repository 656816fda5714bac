import { behaviourOf, rememberArrivals } from "../../domain/arrivals.ts"
import { countCopy, firstOfKey, rememberCopies, sendCopy } from "../../domain/copies.ts"
import { type BehaviourSignal, type Client, judge } from "../../domain/suspicion.ts"
import { type Limits, refillMsOf, rememberBuckets, type Taking } from "../../domain/token-bucket.ts"

/** The answer of the limiter; `pending`: a copy of the request went into the queue a moment ago. */
export type LocalVerdict =
  | { readonly kind: "admitted" | "pending"; readonly behaviour: readonly BehaviourSignal[] }
  | { readonly kind: "limited"; readonly retryAfterSeconds: number; readonly behaviour: readonly BehaviourSignal[] }

/** A request as the limiter sees it. @see AdmissionRequest */
interface Asked {
  readonly id: string
  readonly userId: string
  readonly client?: Client
  readonly limits?: Limits
}
type Charged = Omit<Asked, "id" | "client"> & { readonly client: Client }

/**
 * The rate limiter of one process, used while Redis is away. It judges a client by the signals of the request and by the earlier
 * requests that this process has seen. With many processes each sees few of them.
 */
export function createLocalRateLimiter() {
  const buckets = rememberBuckets()
  const users = rememberArrivals()
  const keys = rememberCopies()

  /** Takes a token of the user; a flagged client takes one of its source's, too. */
  function take({ userId, client, limits }: Charged, nowMs: number): { taking: Taking; behaviour: readonly BehaviourSignal[] } {
    const behaviour = behaviourOf(users.note(userId, nowMs))
    const { tier } = judge(client, behaviour)
    const refillMs = refillMsOf(tier, limits)
    const source = tier === 1 ? client.source : undefined
    const shared = source === undefined ? undefined : buckets.take(source, refillMs, nowMs)
    return { taking: shared?.kind === "empty" ? shared : buckets.take(userId, refillMs, nowMs), behaviour }
  }

  return {
    /** Charges a request one token. The first copies of a key, and requests of a route without a charge, cost none. */
    look({ id, client, ...charged }: Asked, nowMs: number): LocalVerdict {
      const before = keys.get(id)
      const counted = before && countCopy(before, nowMs)
      if (counted) keys.set(id, counted.copies)
      const isFree = client === undefined || counted?.costsToken === false
      const { taking, behaviour } = isFree ? free : take({ ...charged, client }, nowMs)
      if (taking.kind === "empty") return { kind: "limited", retryAfterSeconds: taking.retryAfterSeconds, behaviour }
      const sent = counted ? sendCopy(counted.copies, nowMs) : firstOfKey(nowMs)
      if (sent) keys.set(id, sent)
      return { kind: sent ? "admitted" : "pending", behaviour }
    },
  }
}

/** The answer to a request that costs nothing. */
const free = { taking: { kind: "taken", fullAtMs: 0 }, behaviour: [] } as const
