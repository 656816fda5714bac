import type { HttpResponse } from "../../core/adapters/http/handler.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { problem } from "../../core/contracts/problems.ts"
import type { ReadSide } from "../../core/runtime/read-runtime.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import type { Question } from "../../core/workflows/reservations/find-reservation.ts"
import { reservationAnswer, retryAfterOf } from "../../core/workflows/reservations/reservation-document.ts"

/** Reservations whose end a process remembers to have asked for; the oldest is forgotten first. */
const maxRememberedExpiries = 10_000

/** Reads a reservation's status. @throws ProblemError reservation-not-found, or temporarily-unavailable when nobody can tell */
export function createStatusRead(side: () => Promise<ReadSide>, commandRunner: () => Promise<ApplyCommand>) {
  const asked = new Set<string>()

  /** A hold has run out and nobody has ended it: asks for that once, and does not wait for the lock it needs. */
  const askToExpire = (id: string, skuNo: number) => {
    if (asked.has(id)) return
    asked.add(id)
    if (asked.size > maxRememberedExpiries) asked.delete(asked.values().next().value ?? id)
    commandRunner()
      .then((applyCommand) => applyCommand(skuNo, { kind: "expire" }))
      .catch((error) =>
        logger.warn("A hold that a read found overdue was not ended; the sweeper will", { error: error as Error }),
      )
  }

  return async (question: Question): Promise<HttpResponse> => {
    const { find, ...answerDeps } = await side()
    const found = await find(question)
    if (found === undefined) throw problem("reservation-not-found")
    if (found.seen.overdue) askToExpire(found.seen.id, found.seen.skuNo)
    const body = await reservationAnswer(found, answerDeps)
    return { status: 200, body, headers: retryAfterOf(body) }
  }
}
