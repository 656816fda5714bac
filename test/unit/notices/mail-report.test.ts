import { expect, test } from "vitest"
import type { NoticeStore } from "../../../core/adapters/notices/notice-store.ts"
import { MailReport, recordReport } from "../../../lambdas/mail-feedback/workflow.ts"

/** An event of SES on EventBridge, with the members that its documentation shows. */
const report = (
  eventType: string,
  more: object,
  tags: Record<string, string[]> = { "event-id": ["7-3-0"], generation: ["2"] },
) => ({
  version: "0",
  source: "aws.ses",
  "detail-type": eventType === "Bounce" ? "Email Bounced" : "Email Complaint Received",
  detail: {
    eventType,
    mail: {
      messageId: "0102",
      destination: ["grace@shoppers.test"],
      tags: { "ses:configuration-set": ["flash-sale-prod"], ...tags },
    },
    ...more,
  },
})
const bounce = { bounceType: "Permanent", bounceSubType: "General", bouncedRecipients: [{ emailAddress: "grace@shoppers.test" }] }
const complaint = { complainedRecipients: [{ emailAddress: "grace@shoppers.test" }], complaintFeedbackType: "abuse" }

async function recorded(event: object) {
  const reports: unknown[] = []
  const store: Pick<NoticeStore, "report"> = {
    report: async (...args) => {
      reports.push(args)
      return true
    },
  }
  await recordReport(store, MailReport.parse(event))
  return reports
}

test("a bounce and a complaint are recorded on the notice that the mail was for, and name nobody", async () => {
  const key = { eventId: "7-3-0", generation: 2 }
  expect(await recorded(report("Bounce", { bounce }))).toEqual([[key, "BOUNCED", "Permanent-General"]])
  expect(await recorded(report("Complaint", { complaint }))).toEqual([[key, "COMPLAINED", "abuse"]])
  expect(JSON.stringify(MailReport.parse(report("Bounce", { bounce })))).not.toContain("@")
})

test("a report about a mail that is no notice changes nothing", async () => {
  expect(await recorded(report("Bounce", { bounce }, {}))).toEqual([])
  expect(await recorded(report("Delivery", { delivery: {} }))).toEqual([])
})

test("a failure of the store is thrown: EventBridge repeats the event", async () => {
  const store = { report: () => Promise.reject(new Error("throttled")) }
  await expect(recordReport(store, MailReport.parse(report("Bounce", { bounce })))).rejects.toThrow("throttled")
})
