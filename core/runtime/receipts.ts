import type { Caller } from "../adapters/http/handler.ts"
import { createReceipts } from "../adapters/receipts.ts"
import type { Question } from "../workflows/reservations/find-reservation.ts"
import { readSecret } from "./secrets.ts"

/** The receipts of this process, signed with RECEIPT_KEYS. They hold no connection. */
export const receipts = createReceipts(() => readSecret("RECEIPT_KEYS"))

/** A caller's question about the reservation of a path, with their receipt. @throws NotFound for a forged or foreign receipt */
export async function questionOf(
  { userId, owner }: Caller,
  { reservation_id: id = "" }: Readonly<Record<string, string>>,
  receipt: string | undefined,
): Promise<Question> {
  return { id, userId, owner, ...(receipt !== undefined && { receipt: await receipts.ofReservation(receipt, id, owner) }) }
}
