import { isUnavailable } from "../../core/adapters/failure-kind.ts"
import { problemFor } from "../../core/adapters/http/error-problems.ts"
import type { HttpResponse } from "../../core/adapters/http/handler.ts"
import type { Reservation } from "../../core/contracts/http/reservations.ts"
import { type ProblemError, problem } from "../../core/contracts/problems.ts"
import { retryAfterOf } from "../../core/workflows/reservations/reservation-document.ts"

/**
 * 202 while something is still to come, 409 for a refusal, 201 for what was once allocated. A repeated call whose hold has ended
 * since gets the 201 of the first one again, with the status that it has now: the reservation was made, and the body says what
 * became of it.
 *
 * @throws ProblemError with the reason of a refusal and the members of the reservation
 */
export function reservationResponse(reservation: Reservation): HttpResponse {
  const { reservation_id: id, status, reason = "invalid", receipt } = reservation
  if (status === "REFUSED") throw problem(reason, { extensions: reservation })
  const location = `/v1/reservations/${id}${receipt ? `?receipt=${receipt}` : ""}`
  if (status !== "QUEUED" && status !== "WAITLISTED") return { status: 201, body: reservation, headers: { location } }
  return { status: 202, body: reservation, headers: { location, ...retryAfterOf(reservation) } }
}

/**
 * The problem of a request that failed before its decision: it says that nothing was decided.
 * @throws the error that is nobody's outage
 */
export function undecidedProblem(error: unknown): ProblemError {
  const expected = problemFor(error)
  if (expected) {
    const { slug, details, cause } = expected
    return problem(slug, { ...details, extensions: { decided: false, ...details.extensions } }, cause)
  }
  if (isUnavailable(error)) return problem("temporarily-unavailable", { extensions: { decided: false } }, error)
  throw error
}
