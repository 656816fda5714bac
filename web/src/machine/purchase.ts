import type { Answer } from "./answer.ts"
import { askedBefore, onReserveAnswer } from "./asking.ts"
import { onCancelAnswer, onReadAnswer } from "./following.ts"
import { isFurther } from "./further.ts"
import { isFinal } from "./pace.ts"
import { onPay, onPayAnswer } from "./payment.ts"
import type { PurchaseEvent, ReservationBody } from "./purchase-events.ts"
import {
  type At,
  type Call,
  dueNow,
  type Effect,
  type Following,
  isDue,
  nothing,
  type Payment,
  type Purchase,
  type Step,
  type StoredPurchase,
  sent,
} from "./purchase-state.ts"
import { isLive, leftMsAt, restore, storedOf } from "./stored-purchase.ts"

/**
 * The behaviour of the page about one SKU: what it shows, stores and sends after an event. It is pure; time, chance and
 * visibility come with the event. What the device keeps is stored before anything is sent.
 */
export function transition(before: Purchase, event: PurchaseEvent, at: At): Step {
  const { purchase, effects } = react(before, event, at)
  const stored = storedOf(purchase)
  // What another tab stored is stored already: two tabs that answered each other would never stop.
  const isStored = event.kind === "elsewhere" || purchase.kind === "claiming" || isSame(stored, storedOf(before))
  if (isStored) return { purchase, effects }
  return { purchase, effects: [{ kind: "store", record: stored }, ...effects] }
}

const isSame = (one: StoredPurchase | undefined, other: StoredPurchase | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

const unchanged = (purchase: Purchase): Step => ({ purchase, effects: [] })

/** True while the shopper may ask for units: nothing is under way, held, or unknown. */
export const mayReserve = (purchase: Purchase): boolean =>
  purchase.kind === "nothing" || purchase.kind === "refused" || (purchase.kind === "following" && isFinal(purchase.known.status))

/**
 * True where the shopper may put away what they have read. A request without an answer is never put away, even where this tab
 * knows that it had no effect so far: another tab may be sending it at this moment.
 */
export const mayDismiss = (purchase: Purchase): boolean => purchase.kind !== "nothing" && mayReserve(purchase)

function react(before: Purchase, event: PurchaseEvent, at: At): Step {
  switch (event.kind) {
    case "reserve":
      return mayReserve(before)
        ? { purchase: { kind: "claiming", wish: event.wish }, effects: [{ kind: "claim", wish: event.wish }] }
        : unchanged(before)
    case "claimed":
      return before.kind === "claiming" ? onClaimed(before.wish.key, event.stored, at) : unchanged(before)
    case "reserve-answer":
      return onAnswer(before, event.key, event.answer, at)
    case "elsewhere":
      return adopt(before, event.stored, at)
    case "tick":
      return onTick(before, at)
    case "wake":
      return onTick(woken(before, at), at)
    case "ask-again":
      return before.kind === "asking" && before.call.kind !== "sent"
        ? onTick({ ...before, call: dueNow(at) }, at)
        : unchanged(before)
    case "dismiss":
      return unchanged(before.kind !== "nothing" && mayDismiss(before) ? { kind: "nothing", past: before.wish } : before)
    default:
      return before.kind === "following" ? reactFollowing(before, event, at) : unchanged(before)
  }
}

type FollowingEvent = Extract<PurchaseEvent, { kind: "read-answer" | "cancel" | "cancel-answer" | "pay" | "pay-answer" }>

function reactFollowing(before: Following, event: FollowingEvent, at: At): Step {
  const { id, receipt, status } = before.known
  switch (event.kind) {
    case "read-answer":
      return event.id === id ? onReadAnswer(before, event.answer, at) : unchanged(before)
    case "cancel": {
      const isOpen =
        (status === "RESERVED" || status === "WAITLISTED") && before.payment.kind === "none" && before.cancel !== "sent"
      return isOpen ? { purchase: { ...before, cancel: "sent" }, effects: [{ kind: "cancel", id, receipt }] } : unchanged(before)
    }
    case "cancel-answer":
      return event.id === id ? onCancelAnswer(before, event.answer, at) : unchanged(before)
    case "pay":
      return onPay(before, event.key, event.method)
    case "pay-answer":
      return onPayAnswer(before, event.key, event.answer, at)
  }
}

/** The wish is stored: it is sent. Another tab's wish, found in its place, is followed instead. */
function onClaimed(key: string, stored: StoredPurchase, at: At): Step {
  if (stored.wish.key === key) return sendDue({ kind: "asking", wish: stored.wish, call: dueNow(at), isInDoubt: false }, at)
  return onTick(restore(stored, at), at)
}

/**
 * The answer to a request for units. A tab that has stopped asking, because another one read a refusal without a decision, still
 * takes over a reservation that was made after all.
 */
function onAnswer(before: Purchase, key: string, answer: Answer<ReservationBody>, at: At): Step {
  if (before.kind === "asking" && before.wish.key === key) return onReserveAnswer(before, answer, at)
  const wish = before.kind === "nothing" ? before.past : before.kind === "refused" ? before.wish : undefined
  if (wish === undefined || wish.key !== key || answer.kind !== "done") return unchanged(before)
  return onReserveAnswer({ kind: "asking", wish, call: sent, isInDoubt: true }, answer, at)
}

/** Another tab went further with the same wish, or has a wish where this one has none. */
function adopt(before: Purchase, stored: StoredPurchase | undefined, at: At): Step {
  if (before.kind === "claiming") return unchanged(before)
  const own = storedOf(before)
  if (stored === undefined) return unchanged(own !== undefined && isLive(own) ? before : nothing)
  // A wish is replaced on the device only when it is over: a tab that still follows it has missed its end.
  if (own !== undefined && own.wish.key === stored.wish.key && !isFurther(stored, own)) return unchanged(before)
  // The other tab has just sent what it stored: this one asks later, and by then usually reads the answer on the device.
  return unchanged(restore(stored, { ...at, steadyMs: at.steadyMs + otherTabMs }))
}

const otherTabMs = 3_000

/** Sends what is due, and lets the hold's countdown go on. */
function onTick(before: Purchase, at: At): Step {
  if (before.kind === "asking") return sendDue(before, at)
  if (before.kind !== "following") return unchanged(before)
  const effects: Effect[] = []
  const { known } = before
  const leftMs = nextLeftMs(before, at)
  const hasEnded = leftMs === 0 && before.leftMs !== undefined && before.leftMs > 0
  const isRead = isDue(before.call, at) || (hasEnded && before.call.kind === "due")
  const { id, receipt } = known
  if (isRead) effects.push({ kind: "read", id, receipt })
  const payment = sendPayment(before, effects, at)
  return { purchase: { ...before, leftMs, payment, call: isRead ? sent : before.call }, effects }
}

/** The countdown only falls between two answers, also when the clock that it is computed with is set back. */
function nextLeftMs({ known, leftMs }: Following, at: At): number | undefined {
  if (known.status !== "RESERVED" || leftMs === undefined || known.expiresAtMs === undefined) return leftMs
  return Math.min(leftMs, leftMsAt(known.expiresAtMs, at))
}

function sendPayment({ payment, known: { id, receipt } }: Following, effects: Effect[], at: At): Payment {
  if (payment.kind === "none" || !isDue(payment.call, at)) return payment
  effects.push({ kind: "pay", id, receipt, attempt: payment.attempt })
  return { ...payment, call: sent }
}

function sendDue(before: Extract<Purchase, { kind: "asking" }>, at: At): Step {
  return isDue(before.call, at)
    ? { purchase: askedBefore(before), effects: [{ kind: "reserve", wish: before.wish }] }
    : unchanged(before)
}

/** Brings every call that waits forward to now. An old request stays the shopper's decision. */
function woken(before: Purchase, at: At): Purchase {
  const now = (call: Call): Call => (call.kind === "due" ? dueNow(at) : call)
  if (before.kind === "asking")
    return before.trouble?.slug === "unauthorized" ? { ...before, call: dueNow(at) } : { ...before, call: now(before.call) }
  if (before.kind !== "following") return before
  const isStopped = before.trouble?.slug === "unauthorized" && before.call.kind === "rest"
  const { payment } = before
  const isPaymentStopped = payment.kind === "asking" && payment.trouble?.slug === "unauthorized"
  return {
    ...before,
    call: isStopped ? dueNow(at) : now(before.call),
    payment: payment.kind === "none" ? payment : { ...payment, call: isPaymentStopped ? dueNow(at) : now(payment.call) },
  }
}
