import type { Admission, AdmissionRefusal, AdmissionRequest } from "../../domain/admission.ts"
import { arrivalLimits } from "../../domain/arrivals.ts"
import { copyLimits } from "../../domain/copies.ts"
import { undecidedView } from "../../domain/reservation-view.ts"
import { type BehaviourSignal, behaviourSignals, signalWeights, suspicionThresholds, weightOf } from "../../domain/suspicion.ts"
import { refillMsOf } from "../../domain/token-bucket.ts"
import { redisKeys } from "./keys.ts"
import { progressOf } from "./progress-codec.ts"
import { decodeLivingView, encodeReservationView } from "./reservation-codec.ts"

/** How long Redis keeps an undecided request: far longer than any wait in the queue. A lost request leaves Redis after it. */
export const undecidedViewTtlMs = 15 * 60 * 1_000
/** Records of a partition that may wait undecided. Above this number admission sheds load. */
export const maxBacklog = 100_000

/** What the script answers for one request; admit.lua describes it. */
export type ScriptReply = readonly (string | number | null)[]

/**
 * The arguments that all requests of a call share: limits, and the weights of behaviour. In the order of admit.lua. The first
 * offset of the generation in force comes behind them.
 */
export const sharedArguments: readonly number[] = [
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

/** The keys of a request, in the order of admit.lua. */
export const keysOf = ({ skuNo, userId, id, partition, client }: AdmissionRequest): string[] => [
  redisKeys.sale(skuNo),
  redisKeys.bucket(userId),
  redisKeys.reservation(id),
  redisKeys.partition(partition),
  client?.source === undefined ? "" : redisKeys.source(client.source),
]

/** The arguments of a request, in the order of admit.lua. */
export const encodeRequest = (request: AdmissionRequest): (string | number)[] => [
  request.bodyHash,
  encodeReservationView(undecidedView(request)),
  request.client ? refillMsOf(request.client.tier, request.limits) : 0,
  request.quantity,
  request.joinWaitlist ? 1 : 0,
  request.mode,
  weightOf(request.client?.signals ?? []),
  suspicionThresholds[request.client?.tier ?? 1],
  `${request.userId.slice(0, 8)};`,
  Math.floor(request.moment / 1_000),
  request.status,
]

/** What the script answers for the request of this id. */
export function decodeReply(id: string, reply: ScriptReply): Admission {
  const [kind, first, second, third, fourth] = reply
  switch (kind) {
    case "admitted":
      return { kind, progress: progressOf(first, second), behaviour: behaviourIn(third), ...(fourth === "1" && { isCopy: true }) }
    case "pending":
      return { kind, progress: progressOf(first, second), behaviour: behaviourIn(third) }
    case "seen":
      return { kind, view: decodeLivingView(id, String(first), Number(second)), progress: progressOf(third, fourth) }
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
