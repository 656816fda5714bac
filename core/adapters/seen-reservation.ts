import type { ReservationView } from "./redis/reservation-view.ts"

/** A reservation as a store shows it at this moment; Redis knows its place in line, PostgreSQL its user and its SKU's name. */
export interface SeenReservation extends ReservationView {
  readonly skuId?: string
  readonly userId?: string
  /** What is left of a hold, in milliseconds by the store's own clock. */
  readonly remainingMs?: number
  /** A hold that has run out and that nobody has ended yet; `status` says EXPIRED. */
  readonly overdue?: boolean
}

/** True once there is a decision, whatever became of it since. */
export const isDecided = ({ status }: Pick<ReservationView, "status">): boolean => status !== "ADMITTED" && status !== "QUEUED"
