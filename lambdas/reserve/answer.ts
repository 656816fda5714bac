import { isUnavailable } from "../../core/adapters/failure-kind.ts"
import { problemFor } from "../../core/adapters/http/error-problems.ts"
import type { HttpResponse } from "../../core/adapters/http/handler.ts"
import type { Reservation } from "../../core/contracts/http/reservations.ts"
import { type ProblemError, problem } from "../../core/contracts/problems.ts"
import { retryAfterOf } from "../../core/workflows/reservations/reservation-document.ts"

/**
 * 202 while the request waits for units or a decision, 409 for a refusal, 201 for a request that ever got units. A repeated call
 * whose hold has ended since gets the 201 of the first call again: the reservation was made, and the body has its present status.
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
 * @throws the error itself when no outage explains it
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
