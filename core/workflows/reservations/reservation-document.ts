import type { SkuDirectory } from "../../adapters/postgres/sku-directory.ts"
import type { WaitlistReads } from "../../adapters/postgres/waitlist-reads.ts"
import type { Receipts } from "../../adapters/receipts.ts"
import { isDecided, type SeenReservation } from "../../adapters/seen-reservation.ts"
import type { Reservation } from "../../contracts/http/reservations.ts"
import { problem } from "../../contracts/problems.ts"
import { orderIdOf } from "../../domain/ids.ts"
import { estimateQueue, retrySecondsFor, waitlistRetrySeconds } from "../../domain/queue-estimate.ts"
import { type Found, placeOf } from "./find-reservation.ts"

/** What an answer is completed with. */
export interface AnswerDeps {
  readonly directory: SkuDirectory
  readonly waitlist: WaitlistReads
  readonly receipts: Pick<Receipts, "sign">
}

/**
 * A reservation as it is answered, wherever that is.
 * @throws ProblemError temporarily-unavailable when its SKU's name cannot be had; Error when RECEIPT_KEYS cannot be read
 */
export async function reservationAnswer({ seen, line = {} }: Found, deps: AnswerDeps): Promise<Reservation> {
  const { directory, waitlist, receipts } = deps
  const skuId = seen.skuId ?? (await directory.findByNumber(seen.skuNo))?.skuId
  if (skuId === undefined) throw problem("temporarily-unavailable")
  const status = seen.status === "ADMITTED" ? "QUEUED" : seen.status
  const estimate = status === "QUEUED" && seen.offset !== undefined ? estimateQueue(seen.offset, line) : undefined
  const waitersAhead = status === "WAITLISTED" ? await waitlist.ahead(seen.id) : undefined
  const receipt = await receiptOf(receipts, seen, skuId)
  return {
    reservation_id: seen.id,
    sku_id: skuId,
    quantity: seen.quantity,
    status,
    ...(seen.reason && { reason: seen.reason }),
    decided: isDecided(seen),
    ...countdown(seen),
    ...(estimate && { position: estimate.position, estimated_wait_ms: estimate.waitMs }),
    ...(waitersAhead !== undefined && { position: waitersAhead }),
    ...(receipt && { receipt }),
    ...(status === "CONFIRMED" && { order_id: orderIdOf(seen.id) }),
  }
}

/** The header that says when to look again, for what is still to come. */
export function retryAfterOf({ status, estimated_wait_ms: waitMs = 0 }: Reservation): Readonly<Record<string, string>> {
  if (status === "WAITLISTED") return { "retry-after": String(waitlistRetrySeconds) }
  return status === "QUEUED" ? { "retry-after": String(retrySecondsFor(waitMs)) } : {}
}

/** What is left of a hold by the clock of the store that was asked; ours only where that store did not say. */
function countdown({ status, expiresAtMs, remainingMs }: SeenReservation) {
  if (status !== "RESERVED" || expiresAtMs === undefined) return {}
  const leftMs = remainingMs ?? Math.max(0, expiresAtMs - Date.now())
  return { expires_at: new Date(expiresAtMs).toISOString(), expires_in_seconds: Math.round(leftMs) / 1_000 }
}

async function receiptOf(receipts: AnswerDeps["receipts"], seen: SeenReservation, skuId: string): Promise<string | undefined> {
  const place = placeOf(seen)
  return place && receipts.sign({ reservationId: seen.id, owner: seen.owner, skuId, quantity: seen.quantity, ...place })
}
