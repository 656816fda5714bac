import { refusalProblem } from "../../core/adapters/http/error-problems.ts"
import type { Answer } from "../../core/adapters/http/handler.ts"
import type { DecisionWaiter } from "../../core/adapters/redis/decisions.ts"
import { record } from "../../core/adapters/telemetry.ts"
import { span, wallClockMs } from "../../core/adapters/tracing/spans.ts"
import { watchCall } from "../../core/adapters/watched-call.ts"
import type { SingleFlight } from "../../core/concurrency/single-flight.ts"
import { TemporarilyUnavailable } from "../../core/domain/errors.ts"
import { estimateQueue } from "../../core/domain/queue-estimate.ts"
import { isDecided, positionOf, undecidedView } from "../../core/domain/reservation-view.ts"
import {
  type Refused,
  type ResolvedRequest,
  refused,
  type ShopperRequest,
} from "../../core/workflows/admission/resolve-request.ts"
import type { Queued, SubmitRequest } from "../../core/workflows/admission/submit-request.ts"
import type { Find, Found } from "../../core/workflows/reservations/find-reservation.ts"
import { type DocumentDeps, reservationDocument } from "../../core/workflows/reservations/reservation-document.ts"
import { reservationResponse, undecidedProblem } from "./answer.ts"

/** A request whose decision is estimated to take longer is answered with its position at once. */
const maxEstimatedWaitMs = 200

export interface ReserveDeps extends DocumentDeps {
  readonly submitRequest: SubmitRequest
  readonly waiter: DecisionWaiter
  readonly find: Find
  /** Waits for decisions: the copies of a key share one wait. */
  readonly waits: SingleFlight<Found>
  /** How long a request may wait for its decision. */
  readonly decisionWaitMs: number
}

export interface ReserveCall extends ShopperRequest {
  readonly prefersAsync: boolean
}

/**
 * Reserves: submits the request, waits a moment for its decision, and answers with the reservation. A repeated call gives the
 * same reservation.
 * @returns the problem of a request that admission refuses; its member `decided` says whether it is final
 * @throws ProblemError for every other refusal, with the same member
 */
export async function reserve(deps: ReserveDeps, call: ReserveCall): Promise<Answer> {
  const startedMs = performance.now()
  const watch = watchCall("reservation.answer")
  const outcome = await submitAndWait(deps, call).catch((error: unknown) => {
    watch.ended()
    throw undecidedProblem(error)
  })
  if ("kind" in outcome) {
    watch.refused()
    return refusalProblem(outcome)
  }
  watch.ended()
  if (isDecided(outcome.view)) record("reservation.decision.latency", performance.now() - startedMs)
  return reservationResponse(await reservationDocument(outcome, deps))
}

async function submitAndWait(deps: ReserveDeps, call: ReserveCall): Promise<Found | Refused> {
  const submission = await deps.submitRequest(call)
  if (submission.kind === "refused") return submission
  if (submission.kind === "decided") return { view: submission.view }
  const found = await outcomeOf(deps, submission, call.prefersAsync)
  // The key has a decision for another body: the first decision counts.
  return isDecided(found.view) && found.view.bodyHash !== submission.request.bodyHash ? refused("idempotency-key-reused") : found
}

/** The decision or the position of a queued request when its answer is due. The copies of a key share one wait. */
async function outcomeOf(deps: ReserveDeps, { request, position, progress }: Queued, prefersAsync: boolean): Promise<Found> {
  const key = `${request.id} ${request.bodyHash}`
  if (position === undefined) {
    return prefersAsync
      ? deps.waits.run(`${key} now`, () => findQueued(deps, request))
      : deps.waits.run(key, () => waitForDecision(deps, request))
  }
  const queued = { view: undecidedView(request, position), progress }
  const estimate = estimateQueue(position.offset, progress)
  if (prefersAsync || (estimate && estimate.waitMs > maxEstimatedWaitMs)) return queued
  return deps.waits.run(key, () => waitForDecision(deps, request, queued))
}

/** Waits for the decision. When it does not come in time, the result is the position in the queue. */
async function waitForDecision(deps: ReserveDeps, request: ResolvedRequest, queued?: Found): Promise<Found> {
  const startedMs = performance.now()
  const decision = await deps.waiter.wait(request.id, deps.decisionWaitMs)
  const result = decision?.status ?? "none yet"
  span(request.trace?.traceparent, "wait for the decision", wallClockMs(startedMs), wallClockMs(), { result })
  if (decision) return { view: { ...positionOf(queued?.view), ...decision } }
  return queued ? findOnce(deps, request, queued) : findQueued(deps, request)
}

/** Finds a request that another process puts into the queue. @throws TemporarilyUnavailable while no store shows it */
async function findQueued({ find }: ReserveDeps, { id, userId, owner }: ResolvedRequest): Promise<Found> {
  const found = await find({ id, userId, owner })
  if (found === undefined)
    throw new TemporarilyUnavailable(`Another process submits request ${id}, and nothing knows its position yet`)
  return found
}

/** Reads once more: a decision that Redis missed, or the progress of the partition. */
async function findOnce({ find }: ReserveDeps, { id, userId, owner }: ResolvedRequest, queued: Found): Promise<Found> {
  try {
    const found = await find({ id, userId, owner })
    return found ? { ...found, view: { ...positionOf(queued.view), ...found.view } } : queued
  } catch {
    return { view: queued.view }
  }
}
