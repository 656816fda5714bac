import type { ReservationView } from "../../domain/reservation-view.ts"

const separator = "|"

/**
 * Encodes a view as `status|bodyHash|seq|owner|skuNo|quantity|partition|offset|expiresAtMs|reason`. Its id is the key. Fields
 * that only PostgreSQL has are left out. The scripts read the first three fields, and mark-queued.lua also partition and offset.
 */
export const encodeReservationView = (view: ReservationView): string =>
  [
    view.status,
    view.bodyHash,
    view.seq,
    view.owner,
    view.skuNo,
    view.quantity,
    view.partition ?? "",
    view.offset ?? "",
    view.expiresAtMs ?? "",
    view.reason ?? "",
  ].join(separator)

/** Decodes a text of `encodeReservationView` from the id's key. */
export function decodeReservationView(id: string, text: string): ReservationView {
  const [status, bodyHash, seq, owner, skuNo, quantity, partition, offset, expiresAtMs, reason] = text.split(separator)
  return {
    id,
    status: status as ReservationView["status"],
    bodyHash: Number(bodyHash),
    seq: Number(seq),
    owner: Number(owner),
    skuNo: Number(skuNo),
    quantity: Number(quantity),
    ...(partition && { partition: Number(partition) }),
    ...(offset && { offset: Number(offset) }),
    ...(expiresAtMs && { expiresAtMs: Number(expiresAtMs) }),
    ...(reason && { reason: reason as NonNullable<ReservationView["reason"]> }),
  }
}

/** Decodes a view whose key expires in `ttlMs`: the key of a hold lives as long as the hold. */
export function decodeLivingView(id: string, text: string, ttlMs: number): ReservationView {
  const view = decodeReservationView(id, text)
  return view.status === "RESERVED" ? { ...view, remainingMs: Math.max(0, ttlMs) } : view
}
