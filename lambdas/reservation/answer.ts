import type { HttpResponse } from "../../core/adapters/http/handler.ts"
import { type ProblemSlug, problem } from "../../core/contracts/problems.ts"
import type { ReservationView } from "../../core/domain/reservation-view.ts"
import type { Found } from "../../core/workflows/reservations/find-reservation.ts"
import { type DocumentDeps, reservationDocument } from "../../core/workflows/reservations/reservation-document.ts"

/**
 * The answer of a cancel: 200 with the cancelled reservation.
 * @throws ProblemError with the reason why there was nothing to give back, and the members of the reservation
 */
export async function cancelResponse(found: Found, deps: DocumentDeps): Promise<HttpResponse> {
  const reservation = await reservationDocument(found, deps)
  if (found.view.status === "CANCELLED") return { status: 200, body: reservation }
  throw problem(refusalOf(found.view), { extensions: reservation })
}

function refusalOf({ status, reason = "invalid" }: ReservationView): ProblemSlug {
  switch (status) {
    case "CONFIRMED":
      return "reservation-confirmed"
    case "LAPSED":
      return "sale-closed"
    case "REFUSED":
      return reason
    case "LOST":
      return "request-lost"
    case "ADMITTED":
    case "QUEUED":
      return "not-decided-yet"
    // A hold that could not be given back has run out, whether or not a transaction has ended it yet.
    default:
      return "reservation-expired"
  }
}
