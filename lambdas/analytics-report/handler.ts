import type { Context } from "aws-lambda"
import { openAnalyticsStore, openReports } from "../../core/runtime/analytics.ts"
import { functionConfig, stageEnvironment } from "../../core/runtime/environment.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { type ReportDeps, reportIntervalMs, reportUntil } from "./workflow.ts"

functionConfig(stageEnvironment)

/** An invocation ends itself before the next one begins, a minute after it. */
const invocationMs = 60_000 - reportIntervalMs / 2
/** Margin at the end of the invocation for a report in progress. */
const endMarginMs = 5_000

export const runtime = defineRuntime(
  async (resources): Promise<ReportDeps> => ({ store: await openAnalyticsStore(resources), write: openReports() }),
  { eager: true },
)

/** Every minute: writes the figures of analytics every ten seconds. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  const endsAtMs = performance.now() + invocationMs
  const timeLeftMs = () => Math.min(endsAtMs - performance.now(), context.getRemainingTimeInMillis() - endMarginMs)
  await reportUntil(await runtime.open(), timeLeftMs)
}
