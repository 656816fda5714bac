import type { LogPosition } from "./queue-estimate.ts"
import type { RefusalReason, Reservation, State } from "./reservation.ts"

/**
 * A reservation as a store shows it at this moment. ADMITTED: admission let the request through, no broker has acknowledged it
 * yet. QUEUED: its record is in the log at (partition, offset). Every other status is a decision, or a later state of the
 * reservation, as of ledger sequence `seq`. LOST: its generation of the log ended before the writer read it; nothing is decided.
 */
export interface ReservationView {
  readonly id: string
  readonly status: "ADMITTED" | "QUEUED" | "LOST" | State
  readonly bodyHash: number
  /** 32 bits of the shopper's id. */
  readonly owner: number
  readonly skuNo: number
  readonly quantity: number
  /** Ledger sequence of the SKU at the last change; 0 before a decision. A view never replaces one of a higher sequence. */
  readonly seq: number
  /** The position of the request in the log; Redis knows it for queued requests, PostgreSQL for decided ones. */
  readonly partition?: number
  readonly offset?: number
  /** End of the hold in milliseconds since the epoch, by PostgreSQL's clock. */
  readonly expiresAtMs?: number
  readonly reason?: RefusalReason
  /** Only PostgreSQL knows the SKU's name and the shopper's whole id. */
  readonly skuId?: string
  readonly userId?: string
  /** The time that a hold has left, in milliseconds by the clock of the store. */
  readonly remainingMs?: number
  /** The hold has run out and no transaction has ended it yet; `status` says EXPIRED. */
  readonly overdue?: boolean
}

/** A decided reservation as it is at ledger sequence `asOfSeq` of its SKU. */
export function viewOf(
  reservation: Reservation,
  asOfSeq: number,
  { partition, offset }: Partial<LogPosition> = {},
): ReservationView {
  const { id, state, outcome, bodyHash, owner, skuNo, quantity, expiresAt } = reservation
  return {
    id,
    status: state,
    bodyHash,
    owner,
    skuNo,
    quantity,
    seq: asOfSeq,
    ...(partition !== undefined && { partition }),
    ...(offset !== undefined && { offset }),
    ...(expiresAt !== undefined && { expiresAtMs: Math.floor(expiresAt / 1_000) }),
    ...(state === "REFUSED" && { reason: outcome as RefusalReason }),
  }
}

/** The view of a request that has no decision: admitted, or queued at `position`. */
export const undecidedView = (
  request: Pick<ReservationView, "id" | "bodyHash" | "owner" | "skuNo" | "quantity">,
  position?: LogPosition,
): ReservationView => ({
  id: request.id,
  status: position ? "QUEUED" : "ADMITTED",
  bodyHash: request.bodyHash,
  owner: request.owner,
  skuNo: request.skuNo,
  quantity: request.quantity,
  seq: 0,
  ...position,
})

/** The shopper who asks for a reservation. */
export interface Owner {
  readonly userId: string
  /** 32 bits of the user's id: refusals and Redis keep no more. */
  readonly owner: number
}

/** The statuses of requests without a decision. */
const undecided: ReadonlySet<ReservationView["status"]> = new Set(["ADMITTED", "QUEUED", "LOST"])

/** True once there is a decision. Later changes of the reservation do not matter. */
export const isDecided = ({ status }: Pick<ReservationView, "status">): boolean => !undecided.has(status)

/** True while a cancel can give something back. */
export const isOpen = ({ status }: Pick<ReservationView, "status">): boolean => status === "RESERVED" || status === "WAITLISTED"

/**
 * The status that the shopper reads: they wait in the same way whether or not a broker has acknowledged their request. A lost
 * request is refused, with its own reason, and without a decision: the same key may be sent again.
 */
export function publicStatus({
  status,
}: Pick<ReservationView, "status">): Exclude<ReservationView["status"], "ADMITTED" | "LOST"> {
  if (status === "LOST") return "REFUSED"
  return status === "ADMITTED" ? "QUEUED" : status
}

/** True for the shopper's own reservation: by their whole id where the store has kept it, otherwise by 32 bits of it. */
export const isOwner = (view: ReservationView, { userId, owner }: Owner): boolean =>
  view.userId === undefined ? view.owner === owner : view.userId === userId

/** The position in the log that a view or a receipt knows. */
export function positionOf(known: Partial<LogPosition> | undefined): LogPosition | undefined {
  const { partition, offset } = known ?? {}
  return partition === undefined || offset === undefined ? undefined : { partition, offset }
}
