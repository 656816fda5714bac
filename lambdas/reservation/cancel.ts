import type { SeenReservation } from "../../core/adapters/seen-reservation.ts"
import { type ProblemSlug, problem } from "../../core/contracts/problems.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import type { Find, Question } from "../../core/workflows/reservations/find-reservation.ts"
import { type AnswerDeps, reservationAnswer } from "../../core/workflows/reservations/reservation-document.ts"

export interface CancelDeps extends AnswerDeps {
  readonly find: Find
  readonly commandRunner: () => Promise<ApplyCommand>
}

/**
 * Gives back a hold or a place on the waitlist. What is cancelled already stays so, and that is a success.
 * @throws ProblemError reservation-not-found, or with the reason why there is nothing to give back; PostgreSQL's errors
 */
export async function cancel({ find, commandRunner, ...answerDeps }: CancelDeps, question: Question): Promise<SeenReservation> {
  const { id, userId } = question
  const found = await find(question)
  if (found === undefined) throw problem("reservation-not-found")
  const { seen } = found
  const after = isOpen(seen)
    ? await (await commandRunner())(seen.skuNo, { kind: "cancel", reservationId: id, userId })
    : undefined
  const { state: status = seen.status } = after?.reservation ?? {}
  if (status === "CANCELLED") return { ...seen, status }

  const reservation = await reservationAnswer({ ...found, seen: { ...seen, status } }, answerDeps)
  throw problem(reasonOf({ ...seen, status }), { extensions: reservation })
}

/** What Redis shows as open may be over by now, never the other way round: nothing leaves a terminal state. */
const isOpen = ({ status }: SeenReservation): boolean => status === "RESERVED" || status === "WAITLISTED"

function reasonOf({ status, reason = "invalid" }: SeenReservation): ProblemSlug {
  switch (status) {
    case "CONFIRMED":
      return "reservation-confirmed"
    case "LAPSED":
      return "sale-closed"
    case "REFUSED":
      return reason
    case "ADMITTED":
    case "QUEUED":
      return "not-decided-yet"
    // A hold that could not be given back has run out, whether or not somebody has ended it yet.
    default:
      return "reservation-expired"
  }
}
