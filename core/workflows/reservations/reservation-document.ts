import type { SkuDirectory } from "../../adapters/postgres/sku-directory.ts"
import type { WaitlistReads } from "../../adapters/postgres/waitlist-reads.ts"
import type { Receipts } from "../../adapters/receipts.ts"
import { timestampOf } from "../../contracts/http/primitives.ts"
import type { Reservation } from "../../contracts/http/reservations.ts"
import { TemporarilyUnavailable } from "../../domain/errors.ts"
import { orderIdOf } from "../../domain/ids.ts"
import { estimateQueue, retrySecondsFor, waitlistRetrySeconds } from "../../domain/queue-estimate.ts"
import { isDecided, positionOf, publicStatus, type ReservationView } from "../../domain/reservation-view.ts"
import type { Found } from "./find-reservation.ts"

/** What a document is completed from. */
export interface DocumentDeps {
  readonly directory: SkuDirectory
  readonly waitlist: WaitlistReads
  readonly receipts: Pick<Receipts, "sign">
}

/**
 * The document of a reservation, the same in every answer.
 * @throws TemporarilyUnavailable when the name of its SKU cannot be read; Error when RECEIPT_KEYS cannot be read
 */
export async function reservationDocument(
  { view, progress = {} }: Found,
  { directory, waitlist, receipts }: DocumentDeps,
): Promise<Reservation> {
  const skuId = view.skuId ?? (await directory.findByNumber(view.skuNo))?.skuId
  if (skuId === undefined) throw new TemporarilyUnavailable(`The name of SKU number ${view.skuNo} cannot be read`)
  const status = publicStatus(view)
  const estimate = status === "QUEUED" && view.offset !== undefined ? estimateQueue(view.offset, progress) : undefined
  const waitersAhead = status === "WAITLISTED" ? await waitlist.ahead(view.id) : undefined
  const receipt = await receiptOf(receipts, view, skuId)
  return {
    reservation_id: view.id,
    sku_id: skuId,
    quantity: view.quantity,
    status,
    ...(view.reason && { reason: view.reason }),
    ...(view.status === "LOST" && { reason: "request-lost" as const }),
    decided: isDecided(view),
    ...countdown(view),
    ...(estimate && { position: estimate.position, estimated_wait_ms: estimate.waitMs }),
    ...(waitersAhead !== undefined && { position: waitersAhead }),
    ...(receipt && { receipt }),
    ...(status === "CONFIRMED" && { order_id: orderIdOf(view.id) }),
  }
}

/** The header that says when to ask again, while the reservation can still change. */
export function retryAfterOf({ status, estimated_wait_ms: waitMs = 0 }: Reservation): Readonly<Record<string, string>> {
  if (status === "WAITLISTED") return { "retry-after": String(waitlistRetrySeconds) }
  return status === "QUEUED" ? { "retry-after": String(retrySecondsFor(waitMs)) } : {}
}

/** The time that a hold has left, by the clock of the store that returned it; by the local clock if the store did not say. */
function countdown({ status, expiresAtMs, remainingMs }: ReservationView) {
  if (status !== "RESERVED" || expiresAtMs === undefined) return {}
  const leftMs = remainingMs ?? Math.max(0, expiresAtMs - Date.now())
  return { expires_at: timestampOf(expiresAtMs * 1_000), expires_in_seconds: Math.round(leftMs) / 1_000 }
}

async function receiptOf(receipts: DocumentDeps["receipts"], view: ReservationView, skuId: string): Promise<string | undefined> {
  const position = positionOf(view)
  return position && receipts.sign({ reservationId: view.id, owner: view.owner, skuId, quantity: view.quantity, ...position })
}
