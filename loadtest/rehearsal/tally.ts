import { isBusinessAnswer, nameOf } from "./answers.ts"
import type { Reply } from "./client.ts"
import { createLatencies, type LatencySummary } from "./latencies.ts"

/** The calls of a shopper. */
export const calls = ["availability", "reserve", "status", "checkout", "cancel"] as const
export type Call = (typeof calls)[number]

/** The answers to a call during the sale. */
export interface CallSummary {
  readonly latency: LatencySummary
  /** The number of each answer, by status and slug. */
  readonly answers: Readonly<Record<string, number>>
}

export interface TallySummary {
  /** For availability: the requests that reached the origin. */
  readonly calls: Readonly<Record<Call, CallSummary>>
  /** Reads of the stock as the shoppers saw them, and the number that the edge answered itself. */
  readonly looks: LatencySummary & { readonly edgeHits: number }
  /** From the moment a shopper wanted a unit until they knew the decision, with all waits and repeats. */
  readonly decision: LatencySummary
  /** How late the generator itself was. A large value means that the generator was the bottleneck, and not the system. */
  readonly generatorLag: LatencySummary
  readonly arrivedPeakPerSecond: number
  readonly decidedPeakPerSecond: number
  /** Requests with a business answer, of all that were sent. */
  readonly businessAnswers: number
  readonly requests: number
  /** Errors, by call and kind. */
  readonly errors: Readonly<Record<string, number>>
}

/** One second of the sale. */
export interface Second {
  readonly arrived: number
  readonly decided: number
  readonly decisionP95Ms: number
}

/** Counts the events of the sale while it runs. */
export interface Tally {
  arrived(lateMs: number): void
  /**
   * @param latencyMs since the planned time of the request, not since it was sent: a late generator, and a wait for a connection,
   * count
   */
  answered(call: Call, reply: Reply, latencyMs: number): void
  looked(latencyMs: number, isEdgeHit: boolean): void
  decided(latencyMs: number): void
  readonly decidedSoFar: number
  /** The events since the last call, as rates. */
  lap(elapsedMs: number): Second
  summary(): TallySummary
}

export function createTally(): Tally {
  const latencies = new Map(calls.map((call) => [call, createLatencies()]))
  const answers = new Map<Call, Map<string, number>>(calls.map((call) => [call, new Map()]))
  const errors = new Map<string, number>()
  const looks = createLatencies()
  const decision = createLatencies()
  const generatorLag = createLatencies()
  const thisLap = { arrived: 0, decided: 0, decision: createLatencies() }
  const peak = { arrived: 0, decided: 0 }
  let edgeHits = 0
  let requests = 0
  let businessAnswers = 0
  let decidedSoFar = 0

  return {
    arrived(lateMs) {
      thisLap.arrived += 1
      generatorLag.record(lateMs)
    },
    answered(call, reply, latencyMs) {
      const name = nameOf(reply)
      increment(answers.get(call), name)
      latencies.get(call)?.record(latencyMs)
      requests += 1
      if (isBusinessAnswer(reply)) businessAnswers += 1
      else increment(errors, `${call}: ${name}`)
    },
    looked(latencyMs, isEdgeHit) {
      looks.record(latencyMs)
      if (isEdgeHit) edgeHits += 1
    },
    decided(latencyMs) {
      decision.record(latencyMs)
      thisLap.decision.record(latencyMs)
      thisLap.decided += 1
      decidedSoFar += 1
    },
    get decidedSoFar() {
      return decidedSoFar
    },
    lap(elapsedMs) {
      const perSecond = (count: number) => Math.round((count * 1_000) / elapsedMs)
      const second = {
        arrived: perSecond(thisLap.arrived),
        decided: perSecond(thisLap.decided),
        decisionP95Ms: thisLap.decision.summary().p95Ms,
      }
      peak.arrived = Math.max(peak.arrived, second.arrived)
      peak.decided = Math.max(peak.decided, second.decided)
      thisLap.arrived = 0
      thisLap.decided = 0
      thisLap.decision.reset()
      return second
    },
    summary: () => ({
      calls: summaryOfCalls(latencies, answers),
      looks: { ...looks.summary(), edgeHits },
      decision: decision.summary(),
      generatorLag: generatorLag.summary(),
      arrivedPeakPerSecond: peak.arrived,
      decidedPeakPerSecond: peak.decided,
      businessAnswers,
      requests,
      errors: Object.fromEntries(errors),
    }),
  }
}

const summaryOfCalls = (
  latencies: ReadonlyMap<Call, ReturnType<typeof createLatencies>>,
  answers: ReadonlyMap<Call, ReadonlyMap<string, number>>,
): TallySummary["calls"] =>
  Object.fromEntries(
    calls.map((call) => [
      call,
      { latency: latencies.get(call)?.summary(), answers: Object.fromEntries(answers.get(call) ?? []) },
    ]),
  ) as Record<Call, CallSummary>

function increment(counts: Map<string, number> | undefined, name: string): void {
  counts?.set(name, (counts.get(name) ?? 0) + 1)
}
