import { isFinal, spread, statusPaceMs } from "./pace.ts"
import type { ReservationBody } from "./purchase-events.ts"
import { type At, type Call, dueIn, type Following, type Known, type Notice, rest } from "./purchase-state.ts"
import { leftMsAt } from "./stored-purchase.ts"

/** The reservation of an answer. A receipt that the answer leaves out is kept. */
export function knownOf(body: ReservationBody, before?: Known): Known {
  const expiresAtMs = body.expires_at === undefined ? undefined : Date.parse(body.expires_at)
  return {
    id: body.reservation_id,
    status: body.status,
    quantity: body.quantity,
    receipt: body.receipt ?? before?.receipt,
    reason: body.reason,
    expiresAtMs: expiresAtMs ?? (isFinal(body.status) ? before?.expiresAtMs : undefined),
    position: body.position,
    waitMs: body.estimated_wait_ms,
    orderId: body.order_id,
  }
}

/**
 * Takes over what an answer says. The time left is the API's own where it names one: it needs no clock of the device.
 * A final status is never replaced by one that is not: answers may arrive in another order than they were made in.
 */
export function withAnswer(before: Following, body: ReservationBody, retryAfterSeconds: number | undefined, at: At): Following {
  const { known: old } = before
  if (isFinal(old.status) && !isFinal(body.status)) return before
  const known = knownOf(body, old)
  const leftMs = leftMsOf(body, known, at)
  return {
    ...before,
    known,
    leftMs,
    trouble: undefined,
    wasPromoted: before.wasPromoted || (old.status === "WAITLISTED" && known.status === "RESERVED"),
    call: nextRead(known, retryAfterSeconds, leftMs, at),
  }
}

function leftMsOf(body: ReservationBody, { status, expiresAtMs }: Known, at: At): number | undefined {
  if (status !== "RESERVED") return undefined
  if (body.expires_in_seconds !== undefined) return Math.max(0, body.expires_in_seconds * 1_000)
  return expiresAtMs === undefined ? undefined : leftMsAt(expiresAtMs, at)
}

/** The hold's end is read when it comes, and not 20 s later; a hold that is over and not yet ended is read again in a second. */
const afterHoldMs = 1_000

/** When the reservation is read next. */
export function nextRead(
  { status, position }: Known,
  retryAfterSeconds: number | undefined,
  leftMs: number | undefined,
  at: At,
): Call {
  const paceMs = statusPaceMs({ status, position, retryAfterSeconds, isHidden: at.isHidden })
  if (paceMs === undefined) return rest
  const soonMs = status === "RESERVED" && leftMs !== undefined ? Math.max(leftMs, afterHoldMs) : Number.POSITIVE_INFINITY
  return dueIn(Math.min(spread(paceMs, at.random), soonMs), at)
}

/** What the shopper is notified of when a status becomes another. */
export function noticeOf(from: string | undefined, to: string): Notice | undefined {
  if (from === to) return undefined
  if (to === "RESERVED") return from === "WAITLISTED" ? "promoted" : "held"
  if (to === "CONFIRMED") return "paid"
  return from === "RESERVED" && (to === "EXPIRED" || to === "CANCELLED") ? "ended" : undefined
}
