import { type Answer, isPassing, type Refusal } from "./answer.ts"
import { isFinal, paces, retryDelayMs, spread } from "./pace.ts"
import type { CheckoutAnswer } from "./purchase-events.ts"
import {
  type At,
  dueIn,
  dueNow,
  type Effect,
  type Following,
  type Payment,
  type PaymentNote,
  rest,
  type Step,
  sent,
} from "./purchase-state.ts"

type Open = Extract<Payment, { kind: "asking" | "confirming" }>

/** The shopper pays. One payment at a time: while one is open, nothing else is sent. */
export function onPay(before: Following, key: string, method: string): Step {
  const { known, payment, cancel } = before
  if (known.status !== "RESERVED" || payment.kind !== "none" || cancel === "sent") return { purchase: before, effects: [] }
  const attempt = { key, method }
  return {
    purchase: { ...before, payment: { kind: "asking", attempt, call: sent, mayLeave: true } },
    effects: [{ kind: "pay", id: known.id, receipt: known.receipt, attempt }],
  }
}

/** The answer to a payment. An answer of another attempt is none of this one's. */
export function onPayAnswer(before: Following, key: string, answer: Answer<CheckoutAnswer>, at: At): Step {
  const { payment } = before
  if (payment.kind === "none" || payment.attempt.key !== key || isFinal(before.known.status))
    return { purchase: before, effects: [] }
  switch (answer.kind) {
    case "done":
      return answer.body.action_url === undefined
        ? paid(before, answer.body)
        : toConfirm(before, payment, answer.body.action_url, answer.retryAfterSeconds, at)
    case "lost":
      return askAgain(before, payment, "lost", undefined, at)
    case "signed-out": {
      const trouble = { slug: "unauthorized", failures: failuresOf(payment) }
      return { purchase: { ...before, payment: { kind: "asking", attempt: payment.attempt, call: rest, trouble } }, effects: [] }
    }
    case "refused":
      return onRefusal(before, payment, answer, at)
  }
}

const failuresOf = (payment: Open): number => (payment.kind === "asking" ? (payment.trouble?.failures ?? 0) : 0)

function paid(before: Following, { order_id: orderId }: CheckoutAnswer): Step {
  const known = { ...before.known, status: "CONFIRMED", orderId }
  const purchase: Following = { ...before, known, call: rest, leftMs: undefined, trouble: undefined, payment: { kind: "none" } }
  return { purchase, effects: [{ kind: "notify", notice: "paid" }] }
}

/** The page leaves for the provider's once. After that, it asks whether the shopper confirmed, and offers the provider's page. */
function toConfirm(before: Following, payment: Open, actionUrl: string, retryAfterSeconds: number | undefined, at: At): Step {
  const wasThere = payment.attempt.actionUrl !== undefined
  const pauseMs = wasThere ? Math.max((retryAfterSeconds ?? 0) * 1_000, confirmPaceMs) : confirmPaceMs
  const mayLeave = payment.kind === "asking" && payment.mayLeave === true
  const effects: Effect[] = mayLeave ? [{ kind: "leave", url: actionUrl }] : []
  const attempt = { ...payment.attempt, actionUrl }
  return {
    purchase: { ...before, payment: { kind: "confirming", attempt, call: dueIn(spread(pauseMs, at.random), at) } },
    effects,
  }
}

/** While the shopper confirms at their bank, the provider is not asked more often than this. */
const confirmPaceMs = 3_000

function onRefusal(before: Following, payment: Open, refusal: Refusal, at: At): Step {
  const { slug, retryAfterSeconds } = refusal
  if (slug === "payment-declined")
    return ended(before, payment.attempt.actionUrl === undefined ? "declined" : "not-confirmed", at)
  // Nothing was recorded under this key. The payment of another tab or device decides first.
  if (slug === "payment-in-progress") return ended(before, "in-progress", at)
  if (isPassing(refusal)) return askAgain(before, payment, slug, retryAfterSeconds, at)
  // The reservation is over, or the payment method is no valid one: the next read says which.
  return ended(before, endings.has(slug) ? "ended" : "not-possible", at)
}

const endings: ReadonlySet<string> = new Set([
  "reservation-expired",
  "reservation-cancelled",
  "sale-closed",
  "reservation-not-found",
])

function ended(before: Following, note: PaymentNote, at: At): Step {
  const key = before.payment.kind === "none" ? undefined : before.payment.attempt.key
  return { purchase: { ...before, payment: { kind: "none", note, ended: key }, call: dueNow(at) }, effects: [] }
}

/** Nobody knows whether the payment took effect: the same key asks. It never pays twice. */
function askAgain(before: Following, payment: Open, slug: string, retryAfterSeconds: number | undefined, at: At): Step {
  const failures = failuresOf(payment) + 1
  const leastMs = payment.kind === "confirming" ? confirmPaceMs : paces.retryMs
  const call = dueIn(Math.max(retryDelayMs(failures, retryAfterSeconds, at.random), leastMs), at)
  if (payment.kind === "confirming") return { purchase: { ...before, payment: { ...payment, call } }, effects: [] }
  const asking: Payment = { ...payment, call, trouble: { slug, failures } }
  return { purchase: { ...before, payment: asking }, effects: [] }
}
