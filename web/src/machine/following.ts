import type { Answer } from "./answer.ts"
import { noticeOf, withAnswer } from "./merge-known.ts"
import { isFinal, retryDelayMs } from "./pace.ts"
import type { ReservationBody } from "./purchase-events.ts"
import { type At, dueIn, dueNow, type Following, type Payment, rest, type Step } from "./purchase-state.ts"

/** The answer to a read of the reservation. */
export function onReadAnswer(before: Following, answer: Answer<ReservationBody>, at: At): Step {
  if (answer.kind === "done") return update(before, answer.body, answer.retryAfterSeconds, at)
  if (isFinal(before.known.status)) return { purchase: { ...before, call: rest }, effects: [] }
  const failures = (before.trouble?.failures ?? 0) + 1
  if (answer.kind === "signed-out") {
    return { purchase: { ...before, call: rest, trouble: { slug: "unauthorized", failures } }, effects: [] }
  }
  // The API knows no such reservation. Its key tells what became of the request: the same key never has a second effect.
  if (answer.kind === "refused" && answer.slug === "reservation-not-found") {
    return { purchase: askedAnew(before, failures, at), effects: [] }
  }
  const [slug, retryAfterSeconds] = answer.kind === "lost" ? ["lost"] : [answer.slug, answer.retryAfterSeconds]
  const call = dueIn(retryDelayMs(failures, retryAfterSeconds, at.random), at)
  return { purchase: { ...before, call, trouble: { slug, failures } }, effects: [] }
}

/** A payment under way goes on with its own key: it alone knows what became of the money. */
const askedAnew = (before: Following, failures: number, at: At): Step["purchase"] =>
  before.payment.kind === "none"
    ? {
        kind: "asking",
        wish: before.wish,
        isInDoubt: true,
        call: dueIn(retryDelayMs(failures, undefined, at.random), at),
        trouble: { slug: "lost", failures },
      }
    : { ...before, call: dueIn(retryDelayMs(failures, undefined, at.random), at), trouble: { slug: "lost", failures } }

/** Takes over an answer, and ends a payment that the reservation's end decides. */
export function update(before: Following, body: ReservationBody, retryAfterSeconds: number | undefined, at: At): Step {
  const after = withAnswer(before, body, retryAfterSeconds, at)
  const notice = noticeOf(before.known.status, after.known.status)
  const payment = paymentAfter(before.payment, after.known.status)
  const cancel = isFinal(after.known.status) ? undefined : after.cancel
  return { purchase: { ...after, payment, cancel }, effects: notice === undefined ? [] : [{ kind: "notify", notice }] }
}

/** Nothing is sent for a reservation that is over. The API gives back what the provider may hold of a payment that came late. */
function paymentAfter(payment: Payment, status: string): Payment {
  if (payment.kind === "none" || !isFinal(status)) return payment
  return status === "CONFIRMED" ? { kind: "none" } : { kind: "none", note: "ended" }
}

/** The answer to a cancel. A second cancel changes nothing, so one whose answer is lost may be sent again. */
export function onCancelAnswer(before: Following, answer: Answer<ReservationBody>, at: At): Step {
  if (answer.kind === "done") return update({ ...before, cancel: undefined }, answer.body, answer.retryAfterSeconds, at)
  return { purchase: { ...before, cancel: "failed", call: isFinal(before.known.status) ? rest : dueNow(at) }, effects: [] }
}
