import * as z from "zod"
import type { NoticeStore } from "../../core/adapters/notices/notice-store.ts"
import { count, logger } from "../../core/adapters/telemetry.ts"
import { mailTags } from "../../core/contracts/notices.ts"

const Tag = z.tuple([z.string()])

/**
 * An event of SES, with what is read of it. Its other members name the address: they are not read, so that they cannot be logged.
 */
export const MailReport = z.object({
  detail: z.object({
    mail: z.object({ tags: z.object({ [mailTags.event]: Tag.optional(), [mailTags.generation]: Tag.optional() }) }),
    bounce: z.object({ bounceType: z.string(), bounceSubType: z.string() }).optional(),
    complaint: z.object({ complaintFeedbackType: z.string().optional() }).optional(),
  }),
})
export type MailReport = z.output<typeof MailReport>

/**
 * Records on the notice that its mail bounced, or that the shopper marked it as unwanted. SES itself sends this address nothing
 * more. A report about a mail that is no notice is ignored: a code of the user pool, for instance.
 *
 * @throws the errors of the store: EventBridge repeats the event
 */
export async function recordReport(store: Pick<NoticeStore, "report">, { detail }: MailReport): Promise<void> {
  const { mail, bounce, complaint } = detail
  const [eventId] = mail.tags[mailTags.event] ?? []
  const [generation] = mail.tags[mailTags.generation] ?? []
  if (eventId === undefined || generation === undefined || (bounce === undefined && complaint === undefined)) return
  const state = complaint === undefined ? "BOUNCED" : "COMPLAINED"
  const reason = bounce === undefined ? complaint?.complaintFeedbackType : `${bounce.bounceType}-${bounce.bounceSubType}`
  const isNew = await store.report({ eventId, generation: Number(generation) }, state, reason)
  if (!isNew) return
  count(state === "BOUNCED" ? "notice.bounced" : "notice.complained")
  logger.warn("The mail of a notice did not reach its shopper, or was unwanted; the address gets nothing more", {
    eventId,
    reason: state,
  })
}
