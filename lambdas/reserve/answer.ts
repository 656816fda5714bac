import { isUnavailable } from "../../core/adapters/failure-kind.ts"
import type { HttpResponse } from "../../core/adapters/http/handler.ts"
import type { Reservation } from "../../core/contracts/http/reservations.ts"
import { ProblemError, problem } from "../../core/contracts/problems.ts"
import { retryAfterOf } from "../../core/workflows/reservations/reservation-document.ts"

/**
 * 202 while something is still to come, 409 for a refusal, 201 for what was once allocated. A repeated call whose hold has ended since
 * gets the 201 of the first one again, with the status it has now: the reservation was made, and the body says what became of it.
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

/** Says of whatever went wrong on the way into the line that nothing was decided, unless it is known to be. @throws always */
export function undecided(error: unknown): never {
  if (error instanceof ProblemError) {
    const { slug, details } = error
    throw problem(slug, { ...details, extensions: { decided: false, ...details.extensions } }, error.cause)
  }
  if (isUnavailable(error)) throw problem("temporarily-unavailable", { extensions: { decided: false } }, error)
  throw error
}
