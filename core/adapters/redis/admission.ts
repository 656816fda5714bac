import type { Redis } from "ioredis"
import { batchPerTick } from "../../concurrency/batch-per-tick.ts"
import { arrivalLimits } from "../../domain/arrivals.ts"
import { copyLimits } from "../../domain/copies.ts"
import type { LogPosition, QueueProgress } from "../../domain/queue-estimate.ts"
import type { Instant } from "../../domain/reservation.ts"
import type { SaleStatus, WriteMode } from "../../domain/sale.ts"
import {
  type Asker,
  type BehaviourSignal,
  behaviourSignals,
  signalWeights,
  suspicionThresholds,
  weightOf,
} from "../../domain/suspicion.ts"
import { refillMsOf } from "../../domain/token-bucket.ts"
import type { SeenReservation } from "../seen-reservation.ts"
import { redisKeys } from "./keys.ts"
import { decodeReservationView, encodeReservationView, type ReservationView } from "./reservation-view.ts"
import admitScript from "./scripts/admit.lua"
import markQueuedScript from "./scripts/mark-queued.lua"
import primaryScript from "./scripts/primary.lua"

/** How long an admitted request, and one in line, stays known: far longer than any line, short enough for what got lost. */
export const undecidedViewTtlMs = 15 * 60 * 1_000
/** Records of a partition that may wait undecided; beyond, admission sheds load. */
export const maxBacklog = 100_000

/** A request as admission looks at it. */
export interface AdmissionRequest {
  readonly id: string
  readonly userId: string
  readonly owner: number
  readonly skuNo: number
  readonly partition: number
  readonly quantity: number
  readonly joinWaitlist: boolean
  readonly bodyHash: number
  /** Whose rate token it costs, and what speaks against him; undefined for a request that costs none. */
  readonly asker?: Asker
  /** The mode of the sale as known from elsewhere, for a Redis that has forgotten it. */
  readonly mode: WriteMode
  /** A moment that PostgreSQL's clock has passed: opening and closing go by it. */
  readonly moment: Instant
  /** The status of the sale at that moment as known from elsewhere, for a Redis that has forgotten it. */
  readonly status: SaleStatus
}

type AdmissionRefusal =
  | "idempotency-key-reused"
  | "sale-halted"
  | "sale-not-open"
  | "sale-closed"
  | "rate-limited"
  | "sold-out"
  | "temporarily-unavailable"

/** What admission says. A refusal is no decision: it is not stored and may differ on a retry. */
export type Admission =
  | {
      readonly kind: "admitted"
      readonly line: QueueProgress
      readonly behaviour: readonly BehaviourSignal[]
      /** The key was admitted before, and the record of that call may be in the queue. */
      readonly isCopy?: true
    }
  /** A copy of the request was admitted a moment ago; another record of it would add nothing. */
  | { readonly kind: "pending"; readonly line: QueueProgress; readonly behaviour: readonly BehaviourSignal[] }
  | { readonly kind: "seen"; readonly seen: SeenReservation; readonly line: QueueProgress }
  | {
      readonly kind: "refused"
      readonly reason: AdmissionRefusal
      readonly behaviour: readonly BehaviourSignal[]
      readonly retryAfterSeconds?: number
      /** The key is decided: only this call is refused. */
      readonly isDecided?: true
    }

export interface RedisAdmission {
  /** Looks at a request in one round trip. Calls of one tick share it. @throws when Redis does not answer */
  admit(request: AdmissionRequest): Promise<Admission>
  /**
   * Notes that a request stands in the queue, never over a decision, nor over an earlier place.
   * @returns the place that stands: of the copies of a key the first one's
   * @throws when Redis does not answer
   */
  markQueued(request: AdmissionRequest, place: LogPosition): Promise<LogPosition>
}

type ScriptReply = readonly (string | number | null)[]
/** Each takes the number of its keys first. */
interface Scripts {
  admit(...args: (string | number)[]): Promise<readonly ScriptReply[]>
  markQueued(...args: (string | number)[]): Promise<readonly string[]>
}

interface Marked {
  readonly request: AdmissionRequest
  readonly place: LogPosition
}

/** Admission at a Redis. Tests plant a wrong script to show that it is caught. */
export function createRedisAdmission(redis: Redis, script: string = admitScript): RedisAdmission {
  redis.defineCommand("admit", { lua: primaryScript + script })
  redis.defineCommand("markQueued", { lua: markQueuedScript })
  const scripts = redis as unknown as Scripts

  const admit = batchPerTick(async (requests: readonly AdmissionRequest[]) => {
    const keys = requests.flatMap(keysOf)
    const replies = await scripts.admit(keys.length, ...keys, ...commonArguments, ...requests.flatMap(argumentsOf))
    return requests.map(({ id }, index) => admissionOf(id, replies[index] ?? []))
  })

  const mark = batchPerTick(async (marked: readonly Marked[]): Promise<LogPosition[]> => {
    const standing = new Map<Marked, LogPosition>()
    const partitions = Map.groupBy(marked, ({ place }) => place.partition)
    await Promise.all(
      [...partitions].map(async ([partition, group]) => {
        const offsets = await markPartition(partition, group)
        for (const [index, one] of group.entries())
          standing.set(one, { partition, offset: Number(offsets[index] || one.place.offset) })
      }),
    )
    return marked.map((one) => standing.get(one) ?? one.place)
  })

  const markPartition = (partition: number, marked: readonly Marked[]): Promise<readonly string[]> => {
    const keys = [redisKeys.line(partition), ...marked.map(({ request }) => redisKeys.reservation(request.id))]
    const end = Math.max(...marked.map(({ place }) => place.offset)) + 1
    const views = marked.flatMap(({ request, place }) => [encodeReservationView(undecidedView(request, place)), place.offset])
    return scripts.markQueued(keys.length, ...keys, undecidedViewTtlMs, end, partition, ...views)
  }

  return { admit, markQueued: (request, place) => mark({ request, place }) }
}

/** The same for all requests: limits, and what behaviour weighs. */
const commonArguments: readonly number[] = [
  undecidedViewTtlMs,
  maxBacklog,
  refillMsOf(1),
  signalWeights.regular,
  signalWeights.busy,
  signalWeights.crowd,
  signalWeights.lately,
  arrivalLimits.maxGaps,
  arrivalLimits.leastGaps,
  arrivalLimits.leastMeanGapMs,
  1 + arrivalLimits.regularVariation ** 2,
  arrivalLimits.busyGaps,
  arrivalLimits.busyMs,
  arrivalLimits.crowdUsers,
  arrivalLimits.maxUsers,
  arrivalLimits.busyRequests,
  arrivalLimits.busyRequestsPerUser,
  copyLimits.freeCopies,
  copyLimits.windowMs,
  copyLimits.maxSendsAtOnce,
  copyLimits.sendIntervalMs,
]

const keysOf = ({ skuNo, userId, id, partition, asker }: AdmissionRequest): string[] => [
  redisKeys.sale(skuNo),
  redisKeys.bucket(userId),
  redisKeys.reservation(id),
  redisKeys.line(partition),
  asker?.source === undefined ? "" : redisKeys.source(asker.source),
]

const argumentsOf = (request: AdmissionRequest): (string | number)[] => [
  request.bodyHash,
  encodeReservationView(undecidedView(request)),
  request.asker ? refillMsOf(request.asker.tier) : 0,
  request.quantity,
  request.joinWaitlist ? 1 : 0,
  request.mode,
  weightOf(request.asker?.signals ?? []),
  suspicionThresholds[request.asker?.tier ?? 1],
  `${request.userId.slice(0, 8)};`,
  Math.floor(request.moment / 1_000),
  request.status,
]

/** The view of a request that is not decided: admitted, or in line at `place`. */
export const undecidedView = (
  request: Omit<AdmissionRequest, "asker" | "mode" | "moment" | "status">,
  place?: LogPosition,
): ReservationView => ({
  id: request.id,
  status: place ? "QUEUED" : "ADMITTED",
  bodyHash: request.bodyHash,
  owner: request.owner,
  skuNo: request.skuNo,
  quantity: request.quantity,
  seq: 0,
  ...place,
})

function admissionOf(id: string, reply: ScriptReply): Admission {
  const [kind, first, second, third, fourth] = reply
  switch (kind) {
    case "admitted":
      return { kind, line: lineOf(first, second), behaviour: behaviourIn(third), ...(fourth === "1" && { isCopy: true }) }
    case "pending":
      return { kind, line: lineOf(first, second), behaviour: behaviourIn(third) }
    case "seen":
      return { kind, seen: seenView(id, String(first), Number(second)), line: lineOf(third, fourth) }
    default: {
      const retryAfterSeconds = Number(second)
      const refusal = { reason: first as AdmissionRefusal, behaviour: behaviourIn(third) }
      return {
        kind: "refused",
        ...refusal,
        ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
        ...(fourth === "1" && { isDecided: true }),
      }
    }
  }
}

const behaviourIn = (text: unknown): BehaviourSignal[] =>
  typeof text === "string" && text !== "" ? behaviourSignals.filter((signal) => text.includes(signal)) : []

/** What a view says, with what is left of a hold: the view lives as long as the hold. */
export function seenView(id: string, text: string, ttlMs: number): SeenReservation {
  const view = decodeReservationView(id, text)
  return view.status === "RESERVED" ? { ...view, remainingMs: Math.max(0, ttlMs) } : view
}

const lineOf = (nextOffset: unknown, rate: unknown): QueueProgress => ({
  ...(nextOffset != null && { nextOffset: Number(nextOffset) }),
  ...(rate != null && { decisionsPerSecond: Number(rate) }),
})
