import type { HttpResponse } from "../../core/adapters/http/handler.ts"
import { undecidedView } from "../../core/adapters/redis/admission.ts"
import { isDecided } from "../../core/adapters/seen-reservation.ts"
import { record } from "../../core/adapters/telemetry.ts"
import { problem } from "../../core/contracts/problems.ts"
import { estimateQueue, type LogPosition, type QueueProgress } from "../../core/domain/queue-estimate.ts"
import type { ReserveSide } from "../../core/runtime/reserve-runtime.ts"
import { admissionProblem, type IntakeRequest, type Wish } from "../../core/workflows/admission/intake.ts"
import { type Found, placeOf } from "../../core/workflows/reservations/find-reservation.ts"
import { reservationAnswer } from "../../core/workflows/reservations/reservation-document.ts"
import { reservationResponse, undecided } from "./answer.ts"

/** Nobody is kept waiting when the line is estimated to take longer: he gets his place in it at once. */
const maxEstimatedWaitMs = 200

export interface ReserveCall extends Wish {
  readonly prefersAsync: boolean
}

/**
 * Reserves: into the line, and out of it with the decision if that comes soon enough. A repeated call comes to the same reservation.
 * @throws ProblemError for every refusal, with `decided` telling whether it is the last word
 */
export async function reserve(door: ReserveSide, call: ReserveCall): Promise<HttpResponse> {
  const startedMs = performance.now()
  const found = await bringThrough(door, call).catch(undecided)
  if (isDecided(found.seen)) record("reservation.decision.latency", performance.now() - startedMs)
  return reservationResponse(await reservationAnswer(found, door))
}

async function bringThrough(door: ReserveSide, call: ReserveCall): Promise<Found> {
  const request = await door.intake.request(call)
  const admission = await door.intake.admit(request)
  if (admission.kind === "refused") throw admissionProblem(admission)
  const taken = await door.takeIn(request, admission)
  if (taken.kind === "decided") return { seen: taken.seen }
  const found = await outcomeOf(door, call, request, taken.kind === "queued" ? { ...taken, line: admission.line } : undefined)
  // Decided before about something else: the first decision stands, and this is not its request.
  if (isDecided(found.seen) && found.seen.bodyHash !== request.bodyHash) throw problem("idempotency-key-reused")
  return found
}

/** Where a request stands, and how far its line had come. */
interface Standing {
  readonly place: LogPosition
  readonly line: QueueProgress
}

/**
 * What is known of a request when its answer is due: its decision, or its place. The copies of a key wait as one.
 * @param standing undefined while only another process may know its place
 */
async function outcomeOf(
  door: ReserveSide,
  { prefersAsync }: ReserveCall,
  request: IntakeRequest,
  standing: Standing | undefined,
): Promise<Found> {
  const key = `${request.id} ${request.bodyHash}`
  if (standing === undefined && prefersAsync) return door.waits.run(`${key} now`, () => placed(door, request))
  const queued = standing && { seen: undecidedView(request, standing.place), line: standing.line }
  const estimate = standing && estimateQueue(standing.place.offset, standing.line)
  if (queued && (prefersAsync || (estimate && estimate.waitMs > maxEstimatedWaitMs))) return queued
  return door.waits.run(key, () => awaited(door, request, queued))
}

/** Waits for the decision. Without one in time: the request where it stands. */
async function awaited(door: ReserveSide, request: IntakeRequest, queued: Found | undefined): Promise<Found> {
  const decision = await door.waiter.wait(request.id, door.decisionWaitMs)
  if (decision) return { seen: { ...placeOf(queued?.seen), ...decision } }
  return queued ? lookOnce(door, request, queued) : placed(door, request)
}

/** Where a request stands that another process puts in line. @throws ProblemError temporarily-unavailable while nobody knows */
async function placed({ find }: ReserveSide, { id, userId, owner }: IntakeRequest): Promise<Found> {
  const found = await find({ id, userId, owner })
  if (found === undefined) throw problem("temporarily-unavailable")
  return found
}

/** Nobody told of a decision: a last look finds one that Redis missed, or how far the line has come. */
async function lookOnce({ find }: ReserveSide, request: IntakeRequest, queued: Found): Promise<Found> {
  try {
    const found = await find({ id: request.id, userId: request.userId, owner: request.owner })
    return found ? { ...found, seen: { ...placeOf(queued.seen), ...found.seen } } : queued
  } catch {
    return { seen: queued.seen }
  }
}
