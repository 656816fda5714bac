import type { ReservationView } from "../../domain/reservation-view.ts"

const separator = "|"

/**
 * Encodes a view as `status|bodyHash|seq|owner|skuNo|quantity|partition|offset|expiresAtMs|reason`. Its id is the key. What only
 * PostgreSQL knows is left out. Scripts rely on the first three fields, and mark-queued.lua on partition and offset.
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

/** Decodes what `encodeReservationView` wrote under the id's key. */
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

/** Decodes a view whose key lives for another `ttlMs`: the key of a hold lives as long as the hold. */
export function decodeLivingView(id: string, text: string, ttlMs: number): ReservationView {
  const view = decodeReservationView(id, text)
  return view.status === "RESERVED" ? { ...view, remainingMs: Math.max(0, ttlMs) } : view
}
