import { countWork, flushBeforeFreeze } from "../../core/adapters/telemetry.ts"
import { functionConfig, stageEnvironment } from "../../core/runtime/environment.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openNoticeStore } from "../../core/runtime/notice-store.ts"
import { MailReport, recordReport } from "./workflow.ts"

functionConfig(stageEnvironment)

export const runtime = defineRuntime(async (resources) => ({ store: await openNoticeStore(resources) }))

/** Events of Amazon SES on EventBridge: a mail bounced, or a shopper marked it as unwanted. */
export async function handler(event: unknown): Promise<void> {
  const { store } = await runtime.open()
  await recordReport(store, MailReport.parse(event))
  countWork(1)
  flushBeforeFreeze()
}
