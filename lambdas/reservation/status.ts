import type { HttpResponse } from "../../core/adapters/http/handler.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { NotFound } from "../../core/domain/errors.ts"
import type { ReadParts } from "../../core/runtime/read-runtime.ts"
import type { ApplyCommand } from "../../core/workflows/allocation/apply-command.ts"
import type { Question } from "../../core/workflows/reservations/find-reservation.ts"
import { reservationDocument, retryAfterOf } from "../../core/workflows/reservations/reservation-document.ts"

/** Reservations whose expiry this process has started; it drops the oldest first. */
const maxRememberedExpiries = 10_000

/** Reads a reservation's status. @throws NotFound, or TemporarilyUnavailable while neither store can answer */
export function createStatusRead(side: () => Promise<ReadParts>, commandRunner: () => Promise<ApplyCommand>) {
  const asked = new Set<string>()

  /** Starts the expiry of a hold that has ended and is still held: once for each id, and without a wait for the lock. */
  const askToExpire = (id: string, skuNo: number) => {
    if (asked.has(id)) return
    asked.add(id)
    if (asked.size > maxRememberedExpiries) asked.delete(asked.values().next().value ?? id)
    commandRunner()
      .then((applyCommand) => applyCommand(skuNo, { kind: "expire" }))
      .catch((error) =>
        logger.warn("A read found an overdue hold and could not end it; the sweeper ends it", { error: error as Error }),
      )
  }

  return async (question: Question): Promise<HttpResponse> => {
    const { find, ...documentDeps } = await side()
    const found = await find(question)
    if (found === undefined) throw new NotFound("reservation")
    if (found.view.overdue) askToExpire(found.view.id, found.view.skuNo)
    const body = await reservationDocument(found, documentDeps)
    return { status: 200, body, headers: retryAfterOf(body) }
  }
}
