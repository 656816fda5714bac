import { randomUUID } from "node:crypto"
import type { ProductNameOf } from "../../core/adapters/catalogue/product-names.ts"
import { codeOf } from "../../core/adapters/failure-kind.ts"
import type { AddressOf } from "../../core/adapters/identity/shoppers.ts"
import type { MailOutcome, SendMail } from "../../core/adapters/mail/send-mail.ts"
import type { NoticeFacts, NoticeOutcome, NoticeStore } from "../../core/adapters/notices/notice-store.ts"
import { count, logger, record } from "../../core/adapters/telemetry.ts"
import type { AnySaleEvent } from "../../core/contracts/events.ts"
import type { Notice, NoticeState } from "../../core/domain/notices/notice.ts"
import { writeNotice } from "../../core/domain/notices/write-notice.ts"
import { noticeOf } from "./notice-of-event.ts"
import type { SendEnd, SendPause } from "./send-pause.ts"

export interface NotifierDeps {
  readonly store: NoticeStore
  readonly addressOf: AddressOf
  readonly productNameOf: ProductNameOf
  readonly sendMail: SendMail
  readonly pause: SendPause
  /** The address of the shop's page, without a slash at its end. */
  readonly shopUrl: string
  /** Where a test stops the process. */
  readonly failpoint: (point: string) => Promise<void> | void
}

/** Whether an event is dealt with, or must be delivered again. */
export type Handled = "done" | "again"

/**
 * Sends the notice of an event, at most once. What can fail without harm comes first: the address and the product's name. Then
 * the intent is recorded, then the mail is sent, then the outcome is recorded. An event whose intent has no outcome had a sender
 * that ended in between: its mail may have been sent, so it is not sent again.
 *
 * @throws the errors of the store and of the identity provider: the event is delivered again
 */
export async function sendNotice(deps: NotifierDeps, event: AnySaleEvent, generation: number): Promise<Handled> {
  const addressed = noticeOf(event)
  if (addressed === undefined) return "done"
  const { notice, userId } = addressed
  const facts = factsOf(event, notice, generation)
  const addressee = await deps.addressOf(userId)
  if (addressee === undefined) return recordWithoutAddress(deps.store, facts)
  const product = await deps.productNameOf(event.sku_id)
  if (!deps.pause.begin()) return "again"
  let end: SendEnd | undefined
  try {
    const attempt = randomUUID()
    const known = await deps.store.record(facts, "INTENDED", attempt)
    if (known !== undefined) return await settleKnown(deps.store, facts, known)
    await deps.failpoint("intended")
    const { shop, ...written } = writeNotice(notice, { skuId: event.sku_id, product }, addressee, deps.shopUrl, Date.now())
    const outcome = await deps.sendMail({
      to: addressee.address,
      fromName: shop,
      ...written,
      eventId: event.event_id,
      generation,
    })
    await deps.failpoint("sent")
    end = outcome.kind === "sent" || outcome.kind === "refused" ? "answered" : outcome.kind
    return await recordOutcome(deps.store, facts, attempt, outcome)
  } finally {
    deps.pause.end(end)
  }
}

const factsOf = (event: AnySaleEvent, notice: Notice, generation: number): NoticeFacts => ({
  eventId: event.event_id,
  generation,
  kind: notice.kind,
  skuId: event.sku_id,
  reservationId: event.reservation_id ?? "",
  ...("orderId" in notice && { orderId: notice.orderId }),
  occurredAtMs: Date.parse(event.occurred_at),
})

async function recordWithoutAddress(store: NoticeStore, facts: NoticeFacts): Promise<Handled> {
  const known = await store.record(facts, "NO_ADDRESS", randomUUID())
  if (known === undefined) count("notice.no-address")
  return known === undefined ? "done" : settleKnown(store, facts, known)
}

/** An earlier delivery dealt with the event, or began to. */
async function settleKnown(store: NoticeStore, facts: NoticeFacts, known: NoticeState): Promise<Handled> {
  if (known === "INTENDED" && (await store.giveUp(facts))) {
    reportUnknown(facts, "sender-ended")
  }
  return "done"
}

function reportUnknown({ eventId, reservationId, kind }: NoticeFacts, reason: string): void {
  count("notice.unknown")
  logger.warn("A notice may have been sent and is not sent again", { eventId, reservationId, notice: kind, reason })
}

/** The message of a mail provider's error may repeat the address: only its code is logged. */
async function recordOutcome(store: NoticeStore, facts: NoticeFacts, attempt: string, outcome: MailOutcome): Promise<Handled> {
  const { eventId, reservationId, kind } = facts
  const about = { eventId, reservationId, notice: kind }
  if (outcome.kind === "not-sent") {
    await store.release(facts, attempt)
    logger.warn("The mail provider takes no mail; the event is delivered again", { ...about, code: codeFor(outcome.error) })
    return "again"
  }
  await store.settle(facts, attempt, settledAs(outcome))
  switch (outcome.kind) {
    case "sent":
      count("notice.sent")
      record("notice.delay", Math.max(0, Date.now() - facts.occurredAtMs))
      break
    case "refused":
      count("notice.failed")
      logger.warn("The mail provider refused a notice; it is not sent again", { ...about, reason: outcome.reason })
      break
    case "unknown":
      reportUnknown(facts, "no-answer")
  }
  return "done"
}

function settledAs(outcome: Exclude<MailOutcome, { kind: "not-sent" }>): NoticeOutcome {
  if (outcome.kind === "sent") return { state: "SENT", messageId: outcome.messageId }
  return outcome.kind === "refused" ? { state: "FAILED", reason: outcome.reason } : { state: "UNKNOWN", reason: "no-answer" }
}

const codeFor = (error: Error): string => codeOf(error) ?? error.name
