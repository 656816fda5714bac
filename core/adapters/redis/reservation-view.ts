import type { ProblemSlug } from "../../contracts/problems.ts"

/**
 * What Redis knows of a reservation. ADMITTED: admission let it through, no broker has acknowledged it yet. QUEUED: it stands in
 * line at (partition, offset). Every other status is a decision or what became of it, as of ledger sequence `seq`.
 */
export interface ReservationView {
  readonly id: string
  readonly status:
    | "ADMITTED"
    | "QUEUED"
    | "RESERVED"
    | "WAITLISTED"
    | "REFUSED"
    | "CONFIRMED"
    | "EXPIRED"
    | "CANCELLED"
    | "LAPSED"
  readonly bodyHash: number
  readonly owner: number
  readonly skuNo: number
  readonly quantity: number
  /** Ledger sequence of the SKU at the last change; 0 before a decision. A view never replaces one of a higher sequence. */
  readonly seq: number
  readonly partition?: number
  readonly offset?: number
  /** Milliseconds since the epoch, PostgreSQL's clock. */
  readonly expiresAtMs?: number
  readonly reason?: ProblemSlug
}

const separator = "|"

/** Encodes a view, its id excepted (that is the key): `status|bodyHash|seq|owner|skuNo|quantity|partition|offset|expiresAtMs|reason`. Scripts rely on the first three. */
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
    ...(reason && { reason: reason as ProblemSlug }),
  }
}
