import type { Following, Payment, PaymentNote } from "../machine/purchase-state.ts"
import type { Messages } from "./en.ts"
import type { Words } from "./words.ts"

/** What the page says about the payment of a hold. */
export function describePayment(
  { payment, leftMs }: Following,
  words: Words,
): { readonly kind: string; readonly lines: readonly string[] } {
  switch (payment.kind) {
    case "none":
      return { kind: payment.note ?? "none", lines: payment.note === undefined ? [] : [noteSentence(words.m, payment.note)] }
    case "confirming":
      return { kind: "confirming", lines: [words.m.pay.confirm, words.m.pay.confirmHint] }
    case "asking":
      return { kind: `asking ${payment.trouble?.slug ?? ""}`, lines: [askingSentence(payment, leftMs === 0, words)] }
  }
}

function noteSentence(m: Messages, note: PaymentNote): string {
  const sentences: Readonly<Record<PaymentNote, string>> = {
    declined: m.pay.declined,
    "not-confirmed": m.pay.notConfirmed,
    "in-progress": m.pay.inProgress,
    "not-possible": m.pay.notPossible,
    ended: m.pay.ended,
  }
  return sentences[note]
}

function askingSentence(
  { trouble, call }: Extract<Payment, { kind: "asking" }>,
  isOver: boolean,
  { m, f, steadyMs }: Words,
): string {
  if (trouble?.slug === "unauthorized") return m.pay.signedOut
  if (isOver) return m.pay.overWhilePaying
  if (trouble === undefined) return m.pay.sent
  const isBusy = trouble.slug === "temporarily-unavailable" || trouble.slug === "rate-limited"
  return isBusy && call.kind === "due" ? m.pay.wait(f, Math.max(1, Math.ceil((call.atMs - steadyMs) / 1_000))) : m.pay.unknown
}
