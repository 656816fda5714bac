import { NotFound } from "../../core/domain/errors.ts"
import { isOpen } from "../../core/domain/reservation-view.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import type { Find, Found, Question } from "../../core/workflows/reservations/find-reservation.ts"

export interface CancelDeps {
  readonly find: Find
  readonly commandRunner: () => Promise<ApplyCommand>
}

/**
 * Releases a hold, or an entry of the waitlist. A second cancel changes nothing.
 * @returns the reservation as it is now: CANCELLED, or another status when there was nothing to give back
 * @throws NotFound; PostgreSQL's errors
 */
export async function cancel({ find, commandRunner }: CancelDeps, question: Question): Promise<Found> {
  const { id, userId } = question
  const found = await find(question)
  if (found === undefined) throw new NotFound("reservation")
  const { view } = found
  // A reservation that Redis shows as open may have ended meanwhile. The opposite is impossible: no terminal state ever changes.
  if (!isOpen(view)) return found
  const applyCommand = await commandRunner()
  const { reservation } = await applyCommand(view.skuNo, { kind: "cancel", reservationId: id, userId })
  return { ...found, view: { ...view, status: reservation?.state ?? view.status } }
}
