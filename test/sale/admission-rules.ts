import type { AdmissionRequest } from "../../core/domain/admission.ts"
import {
  type Arrivals,
  addArrival,
  arrivalLimits,
  behaviourOf,
  isBusySource,
  type SourceArrivals,
} from "../../core/domain/arrivals.ts"
import { type Copies, countCopy, firstOfKey, sendCopy } from "../../core/domain/copies.ts"
import { type BehaviourSignal, type Client, judge, suspicionThresholds, weightOf } from "../../core/domain/suspicion.ts"
import { bucketWindowMs, type FullAtMs, refillMsOf, takeToken } from "../../core/domain/token-bucket.ts"

/** The rules of the domain that admit.lua repeats; a test plants a wrong one. */
export const domainRules = { takeToken, addArrival, behaviourOf, countCopy, sendCopy, judge }
export type AdmissionRules = typeof domainRules

/** The data of a user, or of a source. */
interface Known {
  readonly fullAtMs?: FullAtMs
  readonly arrivals?: Arrivals
  readonly flaggedUntilMs: number
}
/** The minute of a source. */
interface Minute {
  readonly sinceMs: number
  readonly requests: number
  readonly users: ReadonlySet<string>
  readonly wasBusy: boolean
}

const limitOf = ({ users }: Minute) => Math.min(users.size, arrivalLimits.maxUsers)

/** Admission by the rules of the domain alone: rate limit, copies and behaviour, in one process that sees every request. */
export function admissionByRules(rules: AdmissionRules) {
  const keys = new Map<string, Copies>()
  const users = new Map<string, Known>()
  const sources = new Map<string, Known>()
  const minutes = new Map<string, Minute>()

  /** The data of a user or source with a request within the last minute. */
  const remembered = (known: Known | undefined, nowMs: number): Known =>
    known?.arrivals && nowMs - known.arrivals.lastMs < bucketWindowMs ? known : { flaggedUntilMs: 0 }

  /** Counts a request of a source and its user. */
  function countIn(source: string, userId: string, arrivals: Arrivals, isKnown: boolean, nowMs: number): SourceArrivals {
    const fresh: Minute = { sinceMs: nowMs, requests: 0, users: new Set(), wasBusy: false }
    const before = (isKnown && minutes.get(source)) || fresh
    const isOver = nowMs - before.sinceMs >= bucketWindowMs
    const wasBusy = isOver ? isBusySource({ ...before, users: limitOf(before), arrivals }) : before.wasBusy
    const base = isOver ? { ...fresh, wasBusy } : before
    const minute = { ...base, requests: base.requests + 1, users: new Set([...base.users, userId]) }
    minutes.set(source, minute)
    return { arrivals, requests: minute.requests, users: limitOf(minute), wasBusy: minute.wasBusy }
  }

  /** Takes the tokens of a request. */
  function charge(userId: string, client: Client, nowMs: number) {
    const user = remembered(users.get(userId), nowMs)
    const arrivals = rules.addArrival(user.arrivals, nowMs)
    const source = client.source === undefined ? undefined : remembered(sources.get(client.source), nowMs)
    const sourceArrivals = source && rules.addArrival(source.arrivals, nowMs)
    const counted =
      client.source !== undefined && sourceArrivals
        ? countIn(client.source, userId, sourceArrivals, source?.arrivals !== undefined, nowMs)
        : undefined
    const seen = rules.behaviourOf(arrivals, counted)
    const behaviour: BehaviourSignal[] = nowMs < user.flaggedUntilMs ? [...seen, "lately"] : seen
    const isFlaggedNow = weightOf([...client.signals, ...seen]) >= suspicionThresholds[client.tier]
    const flaggedUntilMs = isFlaggedNow ? nowMs + bucketWindowMs : user.flaggedUntilMs

    const { tier } = rules.judge(client, behaviour)
    const own = rules.takeToken(user.fullAtMs, refillMsOf(tier), nowMs)
    const shared = tier === 1 && source ? rules.takeToken(source.fullAtMs, refillMsOf(tier), nowMs) : undefined
    const retries = [own, shared].flatMap((taking) => (taking?.kind === "empty" ? [taking.retryAfterSeconds] : []))
    const isTaken = retries.length === 0
    const after = (known: Known, taking: typeof shared) =>
      isTaken && taking?.kind === "taken" ? taking.fullAtMs : known.fullAtMs
    const keep = (known: Known, taking: typeof shared) => {
      const fullAtMs = after(known, taking)
      return fullAtMs === undefined ? {} : { fullAtMs }
    }
    users.set(userId, { ...keep(user, own), arrivals, flaggedUntilMs })
    if (client.source !== undefined && source && sourceArrivals)
      sources.set(client.source, { ...keep(source, shared), arrivals: sourceArrivals, flaggedUntilMs: 0 })
    return { behaviour, retryAfterSeconds: isTaken ? undefined : Math.max(...retries) }
  }

  return ({ id, userId, client }: AdmissionRequest & { readonly client: Client }, nowMs: number) => {
    const before = keys.get(id)
    const counted = before && rules.countCopy(before, nowMs)
    if (counted) keys.set(id, counted.copies)
    const free = { behaviour: [] as BehaviourSignal[], retryAfterSeconds: undefined }
    const { behaviour, retryAfterSeconds } = counted?.costsToken === false ? free : charge(userId, client, nowMs)
    if (retryAfterSeconds !== undefined) return { kind: "refused" as const, behaviour, retryAfterSeconds }
    const sent = counted ? rules.sendCopy(counted.copies, nowMs) : firstOfKey(nowMs)
    if (sent) keys.set(id, sent)
    return { kind: sent ? ("admitted" as const) : ("pending" as const), behaviour, retryAfterSeconds }
  }
}
