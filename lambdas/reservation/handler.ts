import { type Caller, endpoint, httpHandler } from "../../core/adapters/http/handler.ts"
import { receiptFor } from "../../core/adapters/receipts.ts"
import { ReceiptQuery } from "../../core/contracts/http/reservations.ts"
import { closeFrontDoor, commandRunner, readSide } from "../../core/runtime/read-runtime.ts"
import type { Question } from "../../core/workflows/reservations/find-reservation.ts"
import { cancelResponse } from "./answer.ts"
import { cancel } from "./cancel.ts"
import { createStatusRead } from "./status.ts"

const readStatus = createStatusRead(readSide, commandRunner)

/** A reservation of the caller: where it stands, and giving it back. */
export const handler = httpHandler({
  "GET /v1/reservations/{reservation_id}": endpoint({ query: ReceiptQuery }, async ({ caller, path, query }) =>
    readStatus(await questionOf(caller, path, query.receipt)),
  ),
  "DELETE /v1/reservations/{reservation_id}": endpoint({ query: ReceiptQuery }, async ({ caller, path, query }) => {
    const side = await readSide()
    return cancelResponse(await cancel({ ...side, commandRunner }, await questionOf(caller, path, query.receipt)), side)
  }),
})

/** @throws NotFound for a forged or foreign receipt */
async function questionOf(caller: Caller, path: Readonly<Record<string, string>>, receipt?: string): Promise<Question> {
  const { reservation_id: id = "" } = path
  const { userId, owner } = caller
  return { id, userId, owner, ...(receipt !== undefined && { receipt: await receiptFor(receipt, id, owner) }) }
}

export const shutdown = closeFrontDoor
