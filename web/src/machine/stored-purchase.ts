import { isFinal } from "./pace.ts"
import { type At, dueNow, nothing, type Payment, type Purchase, rest, type StoredPurchase, type Wish } from "./purchase-state.ts"

/** Stays on the device for the other tabs: they stop asking for this wish. */
const dismissed = "dismissed"

/** A request without an answer that is older than this is sent again only when the shopper says so. */
const oldWishMs = 10 * 60_000

/** What the device keeps of a purchase; undefined: nothing. */
export function storedOf(purchase: Purchase): StoredPurchase | undefined {
  switch (purchase.kind) {
    case "nothing":
      return purchase.past === undefined ? undefined : { wish: purchase.past, refused: dismissed }
    case "claiming":
      return undefined
    case "asking":
      return { wish: purchase.wish }
    case "refused":
      return { wish: purchase.wish, refused: purchase.slug }
    case "following": {
      const { wish, known, payment, wasPromoted } = purchase
      return {
        wish,
        known,
        ...(payment.kind === "none"
          ? { ...(payment.note && { note: payment.note }), ...(payment.ended && { endedAttempt: payment.ended }) }
          : { attempt: payment.attempt }),
        ...(wasPromoted && { wasPromoted }),
      }
    }
  }
}

/** The purchase that a reload, another tab or a killed tab comes back to: the same wish, asked for again at once. */
export function restore(stored: StoredPurchase | undefined, at: At): Purchase {
  if (stored === undefined) return nothing
  const { wish, known, refused, wasPromoted } = stored
  if (refused === dismissed) return { kind: "nothing", past: wish }
  if (refused !== undefined) return isOld(wish, at) ? nothing : { kind: "refused", wish, slug: refused }
  if (known === undefined) return restoredWish(wish, at)
  return {
    kind: "following",
    wish,
    known,
    call: isFinal(known.status) ? rest : dueNow(at),
    payment: restoredPayment(stored, at),
    ...(known.status === "RESERVED" && known.expiresAtMs !== undefined && { leftMs: leftMsAt(known.expiresAtMs, at) }),
    ...(wasPromoted && { wasPromoted }),
  }
}

const isOld = (wish: Wish, { serverMs }: At): boolean => Math.abs(serverMs - wish.askedAtMs) > oldWishMs

/** A request of a moment ago goes on. Nobody waits for a request of yesterday: the shopper decides about it. */
const restoredWish = (wish: Wish, at: At): Purchase =>
  isOld(wish, at)
    ? { kind: "asking", wish, call: rest, isInDoubt: true, trouble: { slug: "old", failures: 0 } }
    : { kind: "asking", wish, call: dueNow(at), isInDoubt: true }

function restoredPayment({ known, attempt, note, endedAttempt }: StoredPurchase, at: At): Payment {
  if (attempt === undefined || known === undefined || isFinal(known.status)) {
    return { kind: "none", ...(note && { note }), ...(endedAttempt && { ended: endedAttempt }) }
  }
  const { actionUrl } = attempt
  return actionUrl === undefined
    ? { kind: "asking", attempt, call: dueNow(at) }
    : { kind: "confirming", attempt: { ...attempt, actionUrl }, call: dueNow(at) }
}

/** The time that a hold has left by the server's clock, in milliseconds. */
export const leftMsAt = (expiresAtMs: number, { serverMs }: Pick<At, "serverMs">): number => Math.max(0, expiresAtMs - serverMs)

/** True while a stored purchase may still hold something, or nobody knows: no other request of its SKU may begin. */
export const isLive = ({ known, refused }: StoredPurchase): boolean =>
  refused === undefined && (known === undefined || !isFinal(known.status))
