import type { Asking, Following, Purchase, Refused } from "../machine/purchase-state.ts"
import { describePayment } from "./describe-payment.ts"
import type { Messages } from "./en.ts"
import type { Words } from "./words.ts"

/** What the page says about a purchase. */
export interface Described {
  /** Changes when the shopper should hear it at once. */
  readonly kind: string
  readonly title: string
  readonly lines: readonly string[]
}

/** The sentence for a problem; one that only a newer version of the API knows has a sentence, too. */
export const problemSentence = (m: Messages, slug: string): string =>
  (m.problems as Readonly<Record<string, string | undefined>>)[slug] ?? m.over.other

/** The sentences of a purchase; undefined where there is nothing to say. */
export function describePurchase(purchase: Purchase, words: Words): Described | undefined {
  switch (purchase.kind) {
    case "nothing":
      return undefined
    case "claiming":
      return { kind: "asking", title: words.m.asking.title, lines: [words.m.asking.sent] }
    case "asking":
      return { kind: `asking ${purchase.trouble?.slug ?? ""}`, title: words.m.asking.title, lines: askingLines(purchase, words) }
    case "refused":
      return { kind: `refused ${purchase.slug}`, title: words.m.over.refusedTitle, lines: [refusal(purchase, words)] }
    case "following":
      return describeFollowing(purchase, words)
  }
}

const refusal = ({ slug, wish }: Refused, { m }: Words): string =>
  slug === "sold-out" && wish.joinWaitlist ? m.soldOutWithWaitlist : problemSentence(m, slug)

function askingLines({ trouble, isInDoubt, call, wish }: Asking, { m, f, steadyMs }: Words): readonly string[] {
  if (trouble === undefined) return [m.asking.sent]
  if (trouble.slug === "unauthorized") return [m.asking.signedOut]
  if (trouble.slug === "old") return [m.asking.old(f, wish.askedAtMs)]
  const wait = call.kind === "due" ? [m.asking.waitSeconds(f, secondsUntil(call.atMs, steadyMs))] : []
  if (trouble.slug === "rate-limited" && wait.length > 0) return wait
  if (trouble.slug === "sale-halted") return [m.asking.halted, ...wait]
  if (trouble.slug === "insufficient-scope") return [m.edgeCheck]
  if (isInDoubt) return [m.asking.unknown, ...wait]
  return [problemSentence(m, trouble.slug), ...wait]
}

const secondsUntil = (atMs: number, steadyMs: number): number => Math.max(1, Math.ceil((atMs - steadyMs) / 1_000))

function describeFollowing(purchase: Following, words: Words): Described {
  const { known, trouble } = purchase
  const described = describeStatus(purchase, words)
  if (trouble === undefined) return described
  const line = trouble.slug === "unauthorized" ? words.m.following.signedOut : words.m.following.trouble
  return { ...described, kind: `${known.status} ${trouble.slug === "unauthorized"}`, lines: [...described.lines, line] }
}

function describeStatus(purchase: Following, words: Words): Described {
  const { m, f } = words
  const { known, payment } = purchase
  const described = (title: string, ...lines: readonly string[]): Described => ({ kind: known.status, title, lines })
  switch (known.status) {
    case "QUEUED":
      return described(m.queued.title, ...queuedLines(purchase, words))
    case "RESERVED":
      return describeHold(purchase, words)
    case "WAITLISTED": {
      const { position } = known
      const line = position === undefined ? m.waitlisted.noPosition : m.waitlisted.position(f, position + 1)
      return described(m.waitlisted.title, line, m.waitlisted.keepOpen)
    }
    case "CONFIRMED":
      return described(
        m.paid.title,
        m.paid.thanks,
        ...(known.orderId === undefined ? [] : [m.paid.order(known.orderId)]),
        m.paid.next,
      )
    case "EXPIRED":
      return described(m.over.title, payment.kind === "none" && payment.note === "ended" ? m.pay.ended : m.over.expired)
    case "CANCELLED":
      return described(m.over.title, known.expiresAtMs === undefined ? m.over.leftWaitlist : m.over.cancelled)
    case "LAPSED":
      return described(m.over.title, m.over.lapsed)
    case "REFUSED":
      return described(m.over.refusedTitle, problemSentence(m, known.reason ?? "invalid"))
    default:
      return described(m.asking.title, m.following.unknownStatus)
  }
}

function queuedLines({ known: { position, waitMs } }: Following, { m, f }: Words): readonly string[] {
  if (position === undefined) return [m.queued.noPosition]
  const ahead = position === 0 ? m.queued.noneAhead : m.queued.ahead(f, position)
  return [m.queued.position(f, position + 1), ahead, ...(waitMs === undefined ? [] : [m.queued.wait(f, waitMs)])]
}

function describeHold(purchase: Following, words: Words): Described {
  const { m, f } = words
  const { known, leftMs, wasPromoted, cancel } = purchase
  const { quantity, expiresAtMs } = known
  const isOver = leftMs === 0
  const hold = expiresAtMs === undefined ? m.held.noTime(f, quantity) : m.held.until(f, quantity, expiresAtMs)
  const payment = describePayment(purchase, words)
  const lines = [
    ...(wasPromoted === true ? [m.held.promoted] : []),
    // While a payment is open, its sentence says what the end of the hold means.
    ...(isOver ? (payment.kind === "none" || payment.kind === "confirming" ? [m.held.over] : []) : [hold]),
    ...(cancel === "sent" ? [m.held.cancelling] : cancel === "failed" ? [m.held.cancelFailed] : []),
    ...payment.lines,
  ]
  return { kind: `RESERVED ${isOver} ${cancel ?? ""} ${payment.kind}`, title: m.held.title, lines }
}
